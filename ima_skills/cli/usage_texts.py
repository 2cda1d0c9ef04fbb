"""What click and we say of a command line, in Chinese; whatever a plugin's own command says stays as it is."""

from __future__ import annotations

import re

_INVALID = re.compile(r"Invalid value(?: for (?P<place>.+?))?: (?P<what>.+)", re.DOTALL)
_VARIABLE = re.compile(r"the environment variable (\S+)")

# Whole sentences.
SENTENCES: tuple[tuple[str, str], ...] = (
    (r"No such option:? '?([^' ]+?)'?\.? \(Did you mean one of: (.+?)\??\)\??", r"没有选项 \1，是否想写其中之一：\2？"),
    (r"No such option:? '?([^' ]+?)'?\.?(?: Did you mean '?([^' ?]+)'?\?)", r"没有选项 \1，是否想写 \2？"),
    (r"No such option:? '?([^' ]+?)'?\.?(?: \(Possible options: (.+)\))", r"没有选项 \1，可用的有：\2"),
    (r"No such option:? '?([^' ]+?)'?\.?", r"没有选项 \1"),
    (r"No such command '?([^' ]+?)'?\.?(?: .*)?", r"没有命令 \1"),
    (r"There is no command called '(.+)'\. Did you mean '(.+)'\?", r"没有命令 \1，是否想写 \2？"),
    (r"There is no command called '(.+)'\. There are: (.+)", r"没有命令 \1，可用的有：\2"),
    (r"There is no completion for (.+?)\.?", r"没有适用于 \1 的补全脚本"),
    (r"Missing (argument|option|parameter):? '?(.+?)'?\. Choose from:?\s+(.+?)\.?", r"缺少<\1> \2，可选的有：\3"),
    (r"Missing (argument|option|parameter):? '?(.+?)'?\.?", r"缺少<\1> \2"),
    (r"Missing command\.?", r"缺少命令"),
    (r"Option '(.+)' requires an argument\.?", r"选项 \1 需要一个值"),
    (r"Option '(.+)' requires (\d+) arguments\.?", r"选项 \1 需要 \2 个值"),
    (r"Argument '(.+)' takes (\d+) values\.?", r"参数 \1 需要 \2 个值"),
    (r"Option '(.+)' does not take a value\.?", r"选项 \1 不带值"),
    (r"there are more words than this command takes; put a prompt in quotes", "多出了命令不接受的词，提示词请加引号"),
    (r"there are more words than this command takes", "多出了命令不接受的词"),
)  # fmt: skip
# What is wrong with a value, with what it belongs to in front.
VALUES: tuple[tuple[str, str], ...] = (
    (r"'(.*)' is not a valid integer(?: range)?\.?", r"{place}的值 \1 不是整数"),
    (r"'(.*)' is not a valid float(?: range)?\.?", r"{place}的值 \1 不是数字"),
    (r"'(.*)' is not a valid boolean\..*", r"{place}的值 \1 无效，只能是 1 或 0"),
    (r"(\S+) is not in the range (.+?)\.?", r"{place}的值 \1 超出范围 \2"),
    (r"(\S+) is not a finite number\.?", r"{place}的值 \1 不是有限的数字"),
    (r"'(.*)' is not one of (.+?)\.?", r"{place}的值 \1 无效，只能是 \2"),
    (r"'(.*)' is not ('.+?')\.?", r"{place}的值 \1 无效，只能是 \2"),
    (r"(?:File|Directory|Path|File Or Directory) '(.*)' does not exist\.?", r"{colon}找不到 \1"),
    (r"(?:File|Directory|Path) '(.*)' is a directory\.?", r"{colon}\1 是目录，需要文件"),
    (r"(?:File|Directory|Path) '(.*)' is a file\.?", r"{colon}\1 是文件，需要目录"),
    (r"(?:File|Directory|Path) '(.*)' is not readable\.?", r"{colon}\1 无法读取"),
    (r"(?:File|Directory|Path) '(.*)' is not writable\.?", r"{colon}\1 无法写入"),
    (r"(?:File|Directory|Path) '(.*)' is not executable\.?", r"{colon}\1 无法执行"),
    (r"Takes (\d+) values but (\d+) (?:was|were) given\.?", r"{place}需要 \1 个值，给出了 \2 个"),
    (r"(\d+) values are required, but (\d+) (?:was|were) given\.?", r"{place}需要 \1 个值，给出了 \2 个"),
    (r"the name is empty", r"{place}的值是空的"),
    (r"Value must be an iterable\.?", r"{place}的值必须是列表"),
)  # fmt: skip
_KINDS = {"argument": "参数", "option": "选项", "parameter": "参数"}


def say_usage(message: str) -> str:
    """Return what is wrong with a command line in Chinese; empty where we do not know how.

    Args:
        message: As click words it, or we do in its manner.
    """
    said = _invalid(message) or _matched(SENTENCES, message)
    said = re.sub(r"<(\w+)>", lambda kind: _KINDS.get(kind[1], kind[0]), said)
    plain = re.sub(r",\s+", "、", said).replace("'", "")  # click quotes the names of options
    return f"{plain}。" if plain and not plain.endswith("？") else plain


def _invalid(message: str) -> str:
    found = _INVALID.fullmatch(message)
    if found is None:
        return ""
    said, place = _matched(VALUES, found["what"]), _VARIABLE.sub(r"环境变量 \1", found["place"] or "该参数")
    # Not str.format: a value may hold braces.
    return said.replace("{place}", f"{place} " if found["place"] else place, 1).replace(
        "{colon}", f"{place}：", 1
    )


def _matched(rows: tuple[tuple[str, str], ...], message: str) -> str:
    matches = ((re.fullmatch(pattern, message, re.DOTALL), chinese) for pattern, chinese in rows)
    return next((match.expand(chinese) for match, chinese in matches if match), "")
