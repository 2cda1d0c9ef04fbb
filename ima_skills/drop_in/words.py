"""Read a command line of the older scripts; their options are those that the skill documents print."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from attrs import field, frozen

from ima_skills.domain.task_type import Text
from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Name of a script to the modality that it is limited to.
PROGRAMS: Mapping[str, str | None] = {
    "ima_create": None,
    "ima_image_create": "image",
    "ima_video_create": "video",
}


@frozen
class OldLine:
    """One command line of an older script.

    Attributes:
        program: Which script, without ``.py``.
        task_type: The category.
        model_id: Family id, or any other name of the model.
        version_id: One version.
        prompt: What to make.
        inputs: Files and addresses.
        size: Short for the parameter ``size``.
        extra_params: Parameters as a JSON object.
        language: ``en`` or ``zh``; None when the line does not say.
        user_id: Whose saved models count; local only.
        api_key: The key, visible to others on the machine.
        base_url: Root of the service.
        upload_base_url: Root of uploads.
        list_models: Whether models are to be listed instead.
        output_json: Whether the answer is JSON.
        remember_model: Whether the model becomes the usual one.
        usage: What the script says about itself, when it was asked to; else empty.
    """

    program: str
    task_type: str | None = None
    model_id: str | None = None
    version_id: str | None = None
    prompt: str | None = field(default=None, repr=False)
    inputs: tuple[str, ...] = field(default=(), repr=False)
    size: str | None = None
    extra_params: str | None = field(default=None, repr=False)
    language: str | None = None
    user_id: str | None = None
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    upload_base_url: str | None = None
    list_models: bool = False
    output_json: bool = False
    remember_model: bool = False
    usage: str = ""


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing and exiting."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line; argparse names options here, never the words that were given."""
        raise UsageError(message, code="old-words", hint=f"Run: ima-skills drop-in {self.prog} --help")


def read_words(name: str, words: Sequence[str], language: str = "en") -> OldLine:
    """Return a command line as values.

    Args:
        name: The script, with or without folder and ``.py``.
        words: What followed it.
        language: Language of what the script says about itself, unless the words name one.

    Raises:
        UsageError: There is no such script, or it has no such option; the nearest is given.
    """
    program = name.replace("\\", "/").rpartition("/")[2].removesuffix(".py")
    if program not in PROGRAMS:
        raise UsageError(
            f"no older script is called {program!r}",
            code="old-words",
            hint=f"There are: {', '.join(PROGRAMS)}.",
            details={"program": program, "available": list(PROGRAMS)},
        )
    parser = _parser(program)
    found, rest = parser.parse_known_args(list(words))
    if rest:
        raise _unknown(rest, parser)
    given = vars(found)
    usage = _usage(program, found.language or language) if given.pop("help") else ""
    inputs = tuple(word for group in given.pop("input_images") or () for word in group if word.strip())
    for option in ("model_id", "version_id"):
        # A name of blanks names nothing, so nobody has agreed to a price with it.
        given[option] = (given[option] or "").strip() or None
    return OldLine(program, inputs=inputs, usage=usage, **given)


def _parser(program: str, language: str = "en") -> argparse.ArgumentParser:
    parser = _Parser(program, add_help=False, description=_DESCRIPTION.say(language))
    for name, meaning in _VALUES.items():
        parser.add_argument(name, help=meaning.say(language))
    parser.add_argument("--im-base-url", dest="upload_base_url", help=_UPLOADS.say(language))
    parser.add_argument("--input-images", nargs="*", action="append", help=_INPUTS.say(language))
    for name, meaning in _SWITCHES.items():
        parser.add_argument(name, action="store_true", help=meaning.say(language))
    parser.add_argument("-h", "--help", action="store_true", help=_HELP.say(language))
    return parser


def _usage(program: str, language: str) -> str:
    """Return what a script says about itself; argparse has its own two headings in English only."""
    text = _parser(program, language).format_help()
    if language != "zh":
        return text
    return text.replace("usage: ", "用法：", 1).replace("\noptions:\n", "\n选项：\n", 1)


_DESCRIPTION = Text("A command line of the older skills.", "旧版技能的命令行。")
_UPLOADS = Text("Root of uploads.", "上传地址。")
_INPUTS = Text("Files or https addresses.", "素材文件或 https 地址。")
_HELP = Text("Show this.", "显示本帮助。")
_VALUES: Mapping[str, Text] = {
    "--api-key": Text("The key; better in IMA_API_KEY.", "密钥，建议改用 IMA_API_KEY。"),
    "--task-type": Text("What to make.", "任务类型。"),
    "--model-id": Text("The model.", "模型。"),
    "--version-id": Text("One version of it.", "模型的某一版本。"),
    "--prompt": Text("What to draw, film, compose or speak.", "提示词：要画、拍、谱写或朗读的内容。"),
    "--size": Text("The parameter size.", "参数 size。"),
    "--extra-params": Text("Parameters as a JSON object.", "JSON 对象形式的参数。"),
    "--language": Text("en or zh.", "en 或 zh。"),
    "--base-url": Text("Root of the service.", "服务地址。"),
    "--user-id": Text("Whose saved models count; stays on this machine.", "使用谁的常用模型；仅在本机使用。"),
}
_SWITCHES: Mapping[str, Text] = {
    "--list-models": Text("List the models of the task type.", "列出该任务类型的模型。"),
    "--output-json": Text("Answer in JSON.", "以 JSON 输出。"),
    "--remember-model": Text("Save the model as the usual one.", "保存为常用模型。"),
}


def _unknown(rest: Sequence[str], parser: argparse.ArgumentParser) -> UsageError:
    """Return the refusal of words that mean nothing; only options are repeated, anything else may be a prompt."""
    from ima_skills.nearest import nearest

    strange = [word.partition("=")[0] for word in rest if word.startswith("--")]
    if not strange:
        return UsageError(
            "there are more words than the options take; put a prompt in quotes", code="old-words"
        )
    known = [*_VALUES, *_SWITCHES, "--input-images", "--im-base-url", "--help"]
    close = nearest(strange[0], known)
    meant = f"Did you mean {close}? " if close else ""
    return UsageError(
        f"the older scripts have no option {strange[0]}",
        code="old-words",
        hint=f"{meant}Run: ima-skills drop-in {parser.prog} --help",
        details={"option": strange[0], "nearest": [close] if close else []},
    )
