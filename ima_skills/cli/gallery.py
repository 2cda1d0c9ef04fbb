"""The gallery of the demo: one page without anything from elsewhere, beside the media that it shows."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ima_skills.cli.wording import setting
from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ima_skills.cli.demo_studio import Show

_TEMPLATE = "gallery.html"
_WIDE = frozenset({"image", "video"})
_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "title": ("ima-skills: a sandbox gallery", "ima-skills：沙盒作品集"),
    "heading": ("Pictures, videos, music and speech", "图片、视频、音乐与语音"),
    "lead": (
        ("Made by one command, offline, through the same steps as on the service: product list, price, upload,"
        " create, waiting, download. This is sandbox output: placeholders that show that everything works."),
        ("由一条命令离线生成，流程与线上服务完全一致：产品列表、报价、上传、创建、等待、下载。"
        "这里展示的是 Sandbox（沙盒）结果：用于验证流程的示例内容。"),
    ),
    "summary": (
        "{count} media · {points} sandbox points · {seconds:.0f} s",
        "{count} 个作品 · {points} 沙盒积分 · {seconds:.0f} 秒",
    ),
    "points": ("{points} points", "{points} 积分"),
    "seconds": ("{seconds:.1f} s", "{seconds:.1f} 秒"),
    "sandbox": ("Sandbox", "Sandbox 沙盒"),
    "real": (
        "On the real service the same commands make the real thing; leave out --sandbox and set IMA_API_KEY.",
        "在真实服务上使用同样的命令即可生成正式作品：去掉 --sandbox 并设置 IMA_API_KEY。",
    ),
})  # fmt: skip


def write_gallery(out: Path, show: Show, language: str) -> Path:
    """Write ``index.html`` into the folder that holds the media.

    Args:
        out: The folder.
        show: What to show.
        language: ``zh``, otherwise English.

    Returns:
        The page.

    Raises:
        UsageError: The folder cannot be written.
    """
    page = out / "index.html"
    try:
        out.mkdir(parents=True, exist_ok=True)
        page.write_text(gallery(show, language), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write to {out}: {error.strerror or type(error).__name__}",
            code="download-folder",
            hint="Name another folder.",
        ) from error
    return page


def gallery(show: Show, language: str) -> str:
    """Return the page."""
    template = Template(files("ima_skills.cli").joinpath(_TEMPLATE).read_text(encoding="utf-8"))
    summary = _word("summary", language).format(
        count=len(show.items), points=sum(item["credit"] for item in show.items), seconds=show.elapsed_s
    )
    return template.substitute(
        language="zh-CN" if language == "zh" else "en",
        title=escape(_word("title", language)),
        heading=escape(_word("heading", language)),
        lead=escape(_word("lead", language)),
        summary=escape(summary),
        sandbox=escape(_word("sandbox", language)),
        real=escape(_word("real", language)),
        cards="\n".join(_card(item, language) for item in show.items),
    )


def _card(item: Mapping[str, Any], language: str) -> str:
    facts = [
        item["model_name"],
        _word("points", language).format(points=item["credit"]),
        _word("seconds", language).format(seconds=item["elapsed_s"]),
    ]
    chips = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    shown = {name: value for name, value in item["params"].items() if name != "text"}
    players = "".join(_player(item["title"], file) for file in item["files"])
    return (
        f'<article class="{_kind(item)}">{players}<div class="text"><h2>{escape(item["title"])}</h2>'
        f'<p class="prompt">{escape(item["prompt"])}</p><ul>{chips}</ul>'
        f'<p class="params"><b>{escape(item["task_type"])}</b> {escape(setting(shown))}</p></div></article>'
    )


def _player(title: str, file: Mapping[str, Any]) -> str:
    from ima_skills.media_kinds import BY_FORMAT

    source = escape(file["path"], quote=True)
    kind = BY_FORMAT[file["path"].rpartition(".")[2]].kind
    box = f' width="{file["width"]}" height="{file["height"]}"' if file["width"] and file["height"] else ""
    if kind == "video":
        poster = f' poster="{escape(file["cover"], quote=True)}"' if file["cover"] else ""
        return f'<video src="{source}"{poster}{box} controls loop playsinline preload="metadata"></video>'
    if kind == "audio":
        return f'<audio src="{source}" controls preload="metadata"></audio>'
    alt = escape(title, quote=True)
    return f'<a href="{source}"><img src="{source}" alt="{alt}"{box} loading="lazy"></a>'


def _kind(item: Mapping[str, Any]) -> str:
    kind = item["task_type"].rpartition("_")[2]
    return kind if kind in _WIDE else "audio"


def _word(key: str, language: str) -> str:
    return _WORDS[key][1 if language == "zh" else 0]
