"""From the words of a command line to a request."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.errors import UsageError
from ima_skills.file_rules import user_path
from ima_skills.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.request import Request
    from ima_skills.registry import Registry

_STDIN = "-"
_LARGEST = 4 << 20


@frozen
class Wish:
    """What ``create`` was asked for, before anything is looked up.

    Attributes:
        prompt: The prompt argument.
        prompt_file: A file with the prompt; ``-`` reads standard input.
        task_type: The task type, when it was named.
        model: The model's name.
        version_id: Its version.
        inputs: Input files and addresses.
        params: ``key=value`` words.
        params_json: A JSON object, ``@file`` or ``-``.
        size: A shortcut for the parameter ``size``.
        n: Number of outputs.
    """

    prompt: str | None = field(default=None, repr=False)
    prompt_file: str | None = None
    task_type: str | None = None
    model: str | None = None
    version_id: str | None = None
    inputs: tuple[str, ...] = field(default=(), repr=False)
    params: tuple[str, ...] = field(default=(), repr=False)
    params_json: str | None = field(default=None, repr=False)
    size: str | None = None
    n: int = 1

    def request(self, registry: Registry, language: str) -> Request:
        """Return the request.

        Args:
            registry: Knows the task types, and what a named model does.
            language: Language of labels and messages.

        Raises:
            UsageError: Something is missing, given twice, or cannot be read.
        """
        from ima_skills.domain.request import Request

        if self.prompt_file == _STDIN and self.params_json == _STDIN:
            raise UsageError(
                "standard input can be the prompt or the parameters, not both", code="stdin-twice"
            )
        return Request(
            # An empty one, from a shell variable that is not set, is a mistake and no wish for the default.
            task_type=derived_task_type(registry, self) if self.task_type is None else self.task_type,
            prompt=read_prompt(self.prompt, self.prompt_file),
            model=self.model,
            version_id=self.version_id,
            inputs=self.inputs,
            params=read_params(self.params, self.params_json, self.size),
            n=self.n,
            language=language,
        )


def derived_task_type(registry: Registry, wish: Wish) -> str:
    """Return the task type of a wish that names none.

    Without inputs it is what the named model does from text alone, else a picture from text.

    Raises:
        UsageError: There are inputs; what they are for must be said.
    """
    if wish.inputs:
        able = [kind.name for kind in registry.task_types.values() if kind.inputs.maximum]
        raise UsageError(
            "say what the inputs are for: --task-type is missing",
            code="no-task-type",
            hint=f"With inputs there are: {', '.join(able)}.",
            details={"available": able},
        )
    name = wish.model.partition("@")[0] if wish.model else ""
    match = registry.find(name) if name else None
    can = [
        name
        for name in (match.entry.task_types if match else ())
        if name in registry.task_types and not registry.task_types[name].inputs.minimum
    ]
    return can[0] if len(can) == 1 else "text_to_image"


def read_prompt(prompt: str | None, prompt_file: str | None) -> str:
    """Return the prompt from the argument or a file.

    Raises:
        UsageError: There is none, there are two, or the file cannot be read.
    """
    if prompt is not None and prompt_file is not None:
        raise UsageError(
            "the prompt is given twice: as an argument and as --prompt-file", code="prompt-twice"
        )
    if prompt is None and prompt_file is None:
        raise UsageError(
            "there is no prompt", code="no-prompt", hint="Say what to make, or name a --prompt-file."
        )
    text = read_text(str(prompt_file), "--prompt-file") if prompt is None else prompt
    return _clean(text if prompt is not None else text.strip(), "the prompt")


def read_params(words: tuple[str, ...], document: str | None, size: str | None) -> dict[str, Any]:
    """Return the parameters of ``--param``, ``--params-json`` and ``--size`` together.

    Raises:
        UsageError: One cannot be read, or two disagree.
    """
    found: dict[str, Any] = dict(_read_document(document)) if document else {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name.strip():
            raise UsageError(
                "a --param must look like key=value",
                code="bad-param",
                hint="For instance: -p duration=10",
                details={"form": "key=value", "option": "--param"},
            )
        _take(found, name.strip(), _clean(value, "a parameter"))
    if size is not None:
        _take(found, "size", size)
    return found


def _take(found: dict[str, Any], name: str, value: Any) -> None:
    if name in found and not same(found[name], value):
        raise UsageError(
            f"the parameter {name} is given twice, with different values",
            code="param-twice",
            details={"param": name},
        )
    found.setdefault(name, value)


def _read_document(source: str) -> Mapping[str, Any]:
    is_file = source == _STDIN or source.startswith("@")
    text = read_text(source.removeprefix("@"), "--params-json") if is_file else source
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else ()
        place = f"line {at[0]}, column {at[1]}" if at else ""
        raise UsageError(
            f"--params-json is not JSON {place}".strip(),
            code="bad-param",
            hint="""For instance: --params-json '{"duration": 10}'""",
            details={
                "form": "JSON",
                "option": "--params-json",
                **dict(zip(("line", "column"), at, strict=False)),
            },
        ) from None  # the cause would quote the document
    if not isinstance(document, dict):
        raise UsageError(
            "--params-json must be a JSON object",
            code="bad-param",
            hint="""For instance: --params-json '{"duration": 10}'""",
            details={"form": "object", "option": "--params-json"},
        )
    return document


def read_text(source: str, option: str) -> str:
    """Return the text of a file or, for ``-``, of standard input.

    Raises:
        UsageError: It cannot be read, is too large, or is not UTF-8.
    """
    try:
        if source == _STDIN:
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with user_path(source).open("rb") as stream:
                content = stream.read(_LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        facts = {"option": option, "file": source, "why": reason}
        raise UsageError(f"{option} {source}: {reason}", code="unreadable-file", details=facts) from error
    if len(content) > _LARGEST:
        raise UsageError(
            f"{option}: more than {_LARGEST >> 20} MiB",
            code="unreadable-file",
            details={"option": option, "file": source, "most_mib": _LARGEST >> 20},
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # a file in UTF-16 without a mark at its beginning reads as text full of them
        facts = {"option": option, "file": source, "encoding": "UTF-8"}
        raise UsageError(f"{option}: the text is not UTF-8", code="unreadable-file", details=facts)
    return text


def _clean(text: str, what: str) -> str:
    """Return the text, or refuse one whose bytes were no text in the terminal's encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what} is not text in the terminal's encoding", code="bad-encoding") from None
    return text
