"""What our own error codes mean and what to do next; the service's codes are in ``registry/errors.toml``."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FETCH_AGAIN = ("Fetch it again later; it need not be made again.", "请稍后再取一次，不用重新生成。")

# Code to meaning and advice, each in English and Chinese. docs/errors.md lists the same codes, by test.
ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "error": (("Something did not work.", "操作未成功。"), ("Read the message.", "请查看具体说明。")),
    "usage": (
        ("The command line cannot be understood.", "命令用法有误。"),
        ("Look at --help.", "请查看 --help。"),
    ),
    "invalid-request": (
        ("The request asks for something that the model or task type does not take.", "请求中有模型或任务类型不支持的内容。"),
        ("Correct what is named; where there is a nearest value, it is named too.", "请按上面的说明修改后重试。"),
    ),
    "unknown-model": (
        ("No model goes by that name in this task type.", "该任务类型下没有这个模型。"),
        ("Look at ima-skills models list.", "请查看 ima-skills models list。"),
    ),
    "unknown-version": (
        ("The model has no such version.", "该模型没有这个版本。"),
        ("Name one of the versions that are listed.", "请指定列出的版本之一。"),
    ),
    "retired-model": (
        ("The service no longer offers this model.", "服务端已不再提供该模型。"),
        ("Use the successor that is named.", "请使用提示的替代模型。"),
    ),
    "wrong-task-type": (
        ("The model does other task types only.", "该模型不支持这个任务类型。"),
        ("Take one of the models that are named, or another task type.", "请改用提示的模型或其他任务类型。"),
    ),
    "unknown-task-type": (
        ("There is no such task type.", "没有这个任务类型。"),
        ("Take one of those that are named.", "请使用列出的任务类型。"),
    ),
    "no-task-type": (
        ("There are inputs, and nothing says what they are for.", "提供了素材，但未说明用途。"),
        ("Add --task-type.", "请加上 --task-type。"),
    ),
    "no-prompt": (
        ("There is no prompt.", "缺少提示词。"),
        ("Say what to make, or name a --prompt-file.", "请写明要生成的内容，或用 --prompt-file 指定文件。"),
    ),
    "no-task-id": (
        ("No task is named.", "未指定任务编号。"),
        ("Those of this machine: ima-skills tasks list", "查看本机的任务：ima-skills tasks list"),
    ),
    "output-unwritable": (
        ("The answer could not be written to stdout; what it tells of was done.", "结果无法写入标准输出，但操作已完成。"),
        ("Look at ima-skills tasks list.", "请查看 ima-skills tasks list。"),
    ),
    "prompt-twice": (
        ("The prompt is given twice.", "提示词重复给出。"),
        ("Keep the argument or --prompt-file.", "请只保留参数或 --prompt-file 之一。"),
    ),
    "bad-param": (
        ("A parameter cannot be read.", "有参数无法读取。"),
        ("Write key=value, or a JSON object.", "请写成 key=value，或传一个 JSON 对象。"),
    ),
    "param-twice": (
        ("One parameter has two different values.", "同一参数给出了两个不同的值。"),
        ("Keep one of them.", "请只保留一个。"),
    ),
    "stdin-twice": (
        ("Two options want to read standard input.", "有两个选项都要读取标准输入。"),
        ("Name a file for one of them.", "请为其中一个指定文件。"),
    ),
    "running-loop": (
        ("The synchronous door was used inside a running event loop (Python only).", "在运行中的事件循环里使用了同步接口（仅限 Python 调用）。"),
        ("Use the asynchronous client there.", "请改用异步客户端。"),
    ),
    "unknown-language": (
        ("The language is neither English nor Chinese.", "语言只能是英文或中文。"),
        ("Use en or zh.", "请使用 en 或 zh。"),
    ),
    "unreadable-file": (
        ("A file named by an option cannot be read.", "选项指定的文件无法读取。"),
        ("Check path, size and encoding (UTF-8).", "请检查路径、大小和编码（UTF-8）。"),
    ),
    "keyring-unavailable": (
        ("The system's keyring cannot be used.", "系统钥匙串不可用。"),
        ("Set IMA_API_KEY instead.", "请改用环境变量 IMA_API_KEY。"),
    ),
    "bad-batch": (
        ("The jobs file cannot be run.", "批量任务文件无法运行。"),
        ("One JSON object a line, each with an id of its own.", "每行一个 JSON 对象，编号不可重复。"),
    ),
    "bad-job": (
        ("A line of the jobs file is no job.", "批量任务文件中有一行不是有效任务。"),
        ("Correct the line; the others are not affected.", "请修正该行，其他行不受影响。"),
    ),
    "results-unwritable": (
        ("The results of a batch cannot be written.", "批量结果无法写入。"),
        ("Make room and run the same command again; nothing is lost.", "请腾出空间后重新运行同一命令，不会丢失任何结果。"),
    ),
    "bad-product-list": (
        ("A file holds no product list.", "文件中没有产品列表。"),
        ("Save the service's whole answer, or name another file.", "请保存服务的完整返回内容，或指定其他文件。"),
    ),
    "bad-encoding": (
        ("A text is not valid in the terminal's encoding.", "文本与终端编码不符。"),
        ("Put it into a UTF-8 file and use --prompt-file.", "请存为 UTF-8 文件并使用 --prompt-file。"),
    ),
    "conflicting-options": (
        ("Two options contradict each other.", "有两个选项互相冲突。"),
        ("Leave one of them out.", "请去掉其中一个。"),
    ),
    "bad-base-url": (
        ("The address of the service is not usable.", "服务地址不可用。"),
        ("It must look like https://host.", "地址应形如 https://host。"),
    ),
    "insecure-base-url": (
        ("The address of the service is not https.", "服务地址不是 https。"),
        ("Use https; plain http is for this machine only.", "请使用 https；http 仅限本机。"),
    ),
    "download-folder": (
        ("The download folder cannot be written.", "下载目录不可写。"),
        ("Name another folder.", "请指定其他目录。"),
    ),
    "no-home": (
        ("A path begins at the home folder of somebody who is not known here.", "路径以 ~ 开头，但本机没有这个用户的主目录。"),
        ("Write the whole path, or ./ in front of the name.", "请写出完整路径；文件名本身以 ~ 开头时请在前面加 ./。"),
    ),
    "input-unreadable": (
        ("An input file changed or vanished before it was uploaded; nothing was charged.", "素材文件在上传前发生变化或丢失，未扣除积分。"),
        ("Put the file back and try again.", "请恢复文件后重试。"),
    ),
    "input-changed": (
        ("An input file changed between its check and its upload; nothing was charged.", "素材文件在检查与上传之间被改动，未扣除积分。"),
        ("Try again when nobody writes to the file.", "请确认文件不再变动后重试。"),
    ),
    "disk-full": (
        ("The disk is full; what has arrived is kept.", "磁盘已满，已下载的部分已保留。"),
        ("Make room and run the same command again.", "请清理空间后重新运行同一命令。"),
    ),
    "unsafe-address": (
        ("An address leads, or may lead, into this machine or its network; it is not fetched.", "地址指向或可能指向本机或内网，已拒绝访问。"),
        ("Behind a VPN that makes up addresses, set HTTPS_PROXY; otherwise report it.", "若使用虚拟 IP 的代理软件，请设置 HTTPS_PROXY；否则请反馈。"),
    ),
    "input-damaged": (
        ("An input file is damaged or cannot be read; nothing was charged.", "素材文件损坏或无法读取，未扣除积分。"),
        ("Use another file.", "请更换文件。"),
    ),
    "bad-caps": (
        ("A limit of points cannot be read; nothing was sent.", "积分上限配置无法读取，未发送。"),
        ("Correct ima_config.toml or IMA_DAILY_POINTS.", "请修正 ima_config.toml 或 IMA_DAILY_POINTS。"),
    ),
    "bad-date": (
        ("A date cannot be read.", "日期无法识别。"),
        ("Write 2026-01-31, or 7d.", "请写成 2026-01-31 或 7d。"),
    ),
    "not-in-journal": (
        ("The journal does not know this job.", "记录中没有这个任务。"),
        ("Look at ima-skills tasks list --all.", "请查看 ima-skills tasks list --all。"),
    ),
    "state-folder": (
        ("The sandbox cannot keep its state.", "沙盒无法保存状态。"),
        ("Set IMA_HOME to a folder that can be written.", "请将 IMA_HOME 设为可写目录。"),
    ),
    "no-sandbox-state": (
        ("The folder holds no state of a sandbox.", "该目录不是沙盒的状态目录。"),
        ("Nothing was deleted; check the path.", "未删除任何内容，请检查路径。"),
    ),
    "invalid-scenario": (
        ("The scenario file is wrong.", "场景文件有误。"),
        ("Correct what is named.", "请修正列出的问题。"),
    ),
    "not-loopback": (
        ("The sandbox serves this machine only.", "沙盒只对本机开放。"),
        ("Bind 127.0.0.1, or say twice that others may reach it.", "请绑定 127.0.0.1，或两次确认对外开放。"),
    ),
    "cannot-bind": (
        ("The address cannot be served.", "无法在该地址提供服务。"),
        ("Take another port; 0 takes a free one.", "请换一个端口；0 表示任选空闲端口。"),
    ),
    "credential": (
        ("The service does not accept the key.", "服务端未接受密钥。"),
        ("Create a new key and set IMA_API_KEY.", "请重新生成密钥并设置 IMA_API_KEY。"),
    ),
    "no-api-key": (
        ("No key is set.", "没有设置密钥。"),
        (
            "Create one and set IMA_API_KEY, or add --sandbox to try everything offline.",
            "请生成密钥并设置 IMA_API_KEY，或加上 --sandbox 离线体验（不消耗积分）。",
        ),
    ),
    "malformed-api-key": (
        ("The key holds characters that no key has.", "密钥中含有无效字符。"),
        ("Copy it again.", "请重新复制。"),
    ),
    "points": (
        ("Points, subscription or a cap stand in the way.", "积分、订阅或上限不满足要求。"),
        ("Top up, or take something cheaper.", "请充值，或选择更便宜的方案。"),
    ),
    "over-cap": (
        ("The job costs more points than --max-points allows; nothing was sent.", "任务所需积分超过 --max-points 上限，未发送。"),
        ("Raise the cap, or take something cheaper.", "请提高上限，或选择更便宜的方案。"),
    ),
    "over-daily-cap": (
        ("The job costs more points than today's cap has left; nothing was sent.", "任务所需积分超过今日剩余上限，未发送。"),
        ("Wait until tomorrow, take something cheaper, or raise the cap.", "请明天再试，选择更便宜的方案，或提高上限。"),
    ),
    "needs-consent": (
        ("The job costs many points, and nobody agreed; nothing was sent.", "任务所需积分较多且无人确认，未发送。"),
        ("Add --yes, or a cap.", "请加上 --yes，或设置积分上限。"),
    ),
    "declined": (
        ("Somebody was asked and said no; nothing was sent.", "已询问并被拒绝，未发送。"),
        ("Run it again to be asked again.", "再次运行会重新询问。"),
    ),
    "price-raised": (
        ("The price rose while the job was sent; nothing was charged.", "提交期间价格上涨，未扣除积分。"),
        ("Run it again to accept the new price.", "再次运行即表示接受新价格。"),
    ),
    "network": (
        ("The service cannot be reached.", "无法连接到服务。"),
        ("Check the connection and try again.", "请检查网络后重试。"),
    ),
    "deadline": (
        ("Waiting ended; the task may still be running.", "等待已结束，任务可能仍在进行。"),
        ("Go on with ima-skills tasks wait.", "请用 ima-skills tasks wait 继续等待。"),
    ),
    "download-failed": (
        ("A finished media could not be downloaded.", "作品下载失败。"),
        ("It stays at the service; use ima-skills tasks wait ID --download DIR.", "作品仍保存在服务端，可用 ima-skills tasks wait ID --download DIR 再次下载。"),
    ),
    "upload-failed": (
        ("An input could not be uploaded; nothing was charged.", "素材上传失败，未扣除积分。"),
        ("Try again.", "请重试。"),
    ),
    "upload-refused": (
        ("The upload service granted no address; nothing was charged.", "上传服务未给出地址，未扣除积分。"),
        ("Try again.", "请重试。"),
    ),
    "service-refused": (
        ("The service refused the job.", "服务端拒绝了任务。"),
        ("Read the service's words, or take another model.", "请查看服务端说明，或换一个模型。"),
    ),
    "no-credit-rules": (
        ("The model has no price at the moment.", "该模型暂时没有价格。"),
        ("Choose another model.", "请换一个模型。"),
    ),
    "no-credit-rule": (
        ("No price belongs to these parameters.", "这些参数没有对应的价格。"),
        ("Take one of the combinations that are listed.", "请使用列出的参数组合。"),
    ),
    "no-attribute-id": (
        ("The price of the model is incomplete.", "该模型的价目不完整。"),
        ("Choose another model.", "请换一个模型。"),
    ),
    "job-failed": (
        ("The service accepted the job and could not finish it.", "任务已受理，但未能完成。"),
        ("Take another model or other settings.", "请换一个模型或调整设置。"),
    ),
    "media": (("A finished media is not what it should be.", "作品内容异常。"), _FETCH_AGAIN),
    "media-empty": (("A media came back empty.", "作品文件为空。"), _FETCH_AGAIN),
    "media-truncated": (("A media came back cut short.", "作品文件不完整。"), _FETCH_AGAIN),
    "media-wrong-kind": (("A media is of another kind than it should be.", "作品类型不符。"), _FETCH_AGAIN),
    "media-too-large": (
        ("A media is larger than we download.", "作品文件过大。"),
        ("Fetch it from its address.", "请直接从地址下载。"),
    ),
    "media-address": (
        ("A media has no address that can be fetched.", "作品没有可用的地址。"),
        ("Look at the task again later.", "请稍后再查看任务。"),
    ),
    "unknown-media-kind": (
        ("Nothing says what kind of media the task made.", "无法判断任务的作品类型。"),
        ("Add --task-type.", "请加上 --task-type。"),
    ),
    "outcome-unknown": (
        ("A create was sent and no verdict came back; it may cost points.", "请求已发出但没有收到结果，可能已扣除积分。"),
        ("Look at your tasks before making it again; it is never sent twice by itself.", "再次提交前请先查看任务列表；系统不会自动重复提交。"),
    ),
    "interrupted": (
        ("Somebody pressed Ctrl-C.", "操作已被中断。"),
        ("A task that was created runs on; look at ima-skills tasks list.", "已创建的任务会继续进行，可用 ima-skills tasks list 查看。"),
    ),
    "internal": (
        ("Something went wrong inside ima-skills.", "ima-skills 内部出错。"),
        ("Try IMA_SKILLS_NO_THIRD_PARTY=1, and look at ima-skills doctor.", "可尝试 IMA_SKILLS_NO_THIRD_PARTY=1，并运行 ima-skills doctor。"),
    ),
    "journal-unwritable": (
        ("The journal cannot be kept; nothing was sent.", "无法写入记录，未发送。"),
        ("Free the disk, or set IMA_HOME to a folder that can be written.", "请清理磁盘，或将 IMA_HOME 设为可写目录。"),
    ),
    "journal-lost": (
        ("Another process took the job for abandoned; nothing was sent.", "其他进程认为该任务已被放弃，未发送。"),
        ("Run the command again.", "请重新运行命令。"),
    ),
    "no-journal": (
        ("IMA_NO_WRITE=1 keeps no journal.", "IMA_NO_WRITE=1 时不保存记录。"),
        ("Leave IMA_NO_WRITE out.", "请去掉 IMA_NO_WRITE。"),
    ),
    "registry": (
        ("A registry file or schema is wrong.", "注册表文件有误。"),
        ("Run ima-skills registry check.", "请运行 ima-skills registry check。"),
    ),
    "plugin": (("A plugin is wrong.", "插件有误。"), ("Run ima-skills plugins list.", "请运行 ima-skills plugins list。")),
    "missing-modality": (
        ("No active plugin does this task type.", "没有可用插件支持该任务类型。"),
        ("Run ima-skills plugins list.", "请运行 ima-skills plugins list。"),
    ),
    "missing-quirk": (
        ("The model needs a quirk that no active plugin supplies.", "该模型所需的适配规则没有插件提供。"),
        ("Run ima-skills plugins list.", "请运行 ima-skills plugins list。"),
    ),
    "modality-failed": (
        ("A modality of a plugin is wrong.", "插件的媒体类型实现出错。"),
        ("Leave the plugin out with --disable-plugin.", "可用 --disable-plugin 停用该插件。"),
    ),
    "quirk-failed": (
        ("A quirk of a plugin is wrong.", "插件的适配规则出错。"),
        ("Leave the plugin out with --disable-plugin.", "可用 --disable-plugin 停用该插件。"),
    ),
    "missing-extra": (
        ("An optional part is not installed.", "缺少可选组件。"),
        ("Install ima-skills[sandbox].", "请安装 ima-skills[sandbox]。"),
    ),
})  # fmt: skip


def explain(code: str, language: str) -> tuple[str, str]:
    """Return the meaning of a code and the advice, both empty for a code of the service.

    Args:
        code: Code of an error.
        language: ``zh``, otherwise English.
    """
    from ima_skills.cli.sentences import merged

    row = ERROR_TEXTS.get(code) or merged("ERROR_TEXTS").get(code)
    meaning, advice = row or (("", ""), ("", ""))
    index = 1 if language == "zh" else 0
    return meaning[index], advice[index]
