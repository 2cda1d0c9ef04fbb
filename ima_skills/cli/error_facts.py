"""Errors in Chinese with their facts: sentences that are filled from what an error carries.

Errors are raised in English. A sentence here takes its numbers, names and files from ``details``, the
task id and the problems; the general meaning of :mod:`ima_skills.cli.error_texts` is for errors that
carry nothing to fill in.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Row(NamedTuple):
    """One way to say an error; a named tuple, because attrs costs start-up time here.

    Attributes:
        meaning: What happened; all its placeholders must be known.
        advice: What to do, the best first; the first that can be filled and names no other options than
            the English hint does. Without one, the general advice of the code is given.
        when: Facts that must be there as well, ``name`` or ``name=value``.
    """

    meaning: str
    advice: tuple[str, ...] = ()
    when: tuple[str, ...] = ()


_NEAR = ("是否想用 {nearest}？可用的有：{available}。", "可用的有：{available}。", "是否想用 {nearest}？")
_NOT_AGAIN = "系统不会自动重复提交。请先到 {url} 核对"
# A paid job that is done is fetched again, never made again.
_FETCH = ("任务已完成，积分已支付，请稍后再取：{command}",)

# Code to its sentences, the most telling first.
FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    # points
    "over-cap": (
        Row("{model} 此次需要 {quoted} 积分，上限为 {cap} 积分，未发送。", ("请提高上限。",)),
        Row("本次运行最多需要 {quoted} 积分，上限为 {cap} 积分，未发送。", ("请提高上限，或修改方案。",)),
        Row("这一行需要 {quoted} 积分，上限内只剩 {left} 积分，未发送。", ("请提高 --max-points 后重新运行同一命令，已完成的行不会重做。",)),
    ),
    "over-daily-cap": (
        Row("此次需要 {quoted} 积分，该用户今日上限 {cap} 积分，还剩 {left} 积分，未发送。", ("请明天再试，选择更便宜的方案，或在 ima_config.toml 中提高上限。",), ("scope=user",)),
        Row("此次需要 {quoted} 积分，今日上限 {cap} 积分，还剩 {left} 积分，未发送。", ("请明天再试，选择更便宜的方案，或在 ima_config.toml 或 IMA_DAILY_POINTS 中提高上限。",)),
    ),
    "needs-consent": (
        Row(
            "{model} 此次需要 {quoted} 积分，超过 {ask_above} 积分须先确认，未发送。",
            ("请加上 --yes，或用 --max-points 或 IMA_MAX_POINTS 设置上限。", "请用 --model-id 指定模型，或用 IMA_MAX_POINTS 设置上限。"),
        ),
    ),
    "bad-trust": (Row("没有名为“{name}”的插件。", _NEAR),),
    "no-task-id": (Row("未指定任务编号。", ("查看本机的任务：ima-skills tasks list",)),),
    "declined": (Row("已询问并被拒绝，未发送。"),),
    "price-raised": (
        Row("提交期间价格从 {quoted} 积分涨到 {now} 积分，未扣除积分。"),
        Row("价格上涨：{changed}（积分），未发送。", ("请重新报价：{command}",)),
    ),
    # models
    "unknown-model": (
        Row("服务端目前没有在 {task_type} 中提供 {name}。", _NEAR, ("listed",)),
        Row("{task_type} 中没有名为“{name}”的模型。", _NEAR),
        Row("没有名为“{name}”的模型。", _NEAR),
        Row("{task_type} 没有默认模型，请指定一个。", _NEAR),
    ),
    "unknown-version": (
        Row("{model} 没有版本“{version}”。", ("可用的版本：{available}。",)),
        Row("无法判断 {model} 是哪个版本，而 {param} 取决于版本。", ("请用 --version-id 指定版本，可用的版本见：{command}",)),
    ),
    "retired-model": (
        Row("{model} 已下线，替代模型是 {successor}。", ("请改用 --model {successor}。",)),
        Row("{model} 已下线，没有指定替代模型。", ("请查看 {command}",)),
    ),
    "wrong-task-type": (Row("{model} 不支持 {task_type}，它支持：{task_types}。", ("支持 {task_type} 的模型：{models}。",)),),
    "unknown-task-type": (Row("没有任务类型“{name}”。", _NEAR),),
    "no-task-type": (
        Row("看不出 {file} 属于哪个任务类型。", ("请用 --task-type 指定：{available}。",)),
        Row("提供了素材，但没有用 --task-type 说明用途。", ("可用的任务类型：{available}。",), ("available",)),
    ),
    "no-credit-rules": (Row("{model} 在产品列表中暂时没有价格。", ("请换一个模型：{command}",)),),
    "no-credit-rule": (Row("{model} 没有与这些参数对应的价格。", ("可改为：{near}。",)),),
    "no-attribute-id": (Row("{model} 的价目缺少属性编号。"),),
    # the command line and the request
    "usage": (
        Row("{usage}", ("请更正或取消环境变量 {variable}；用法见：{command}",), ("variable",)),
        Row("{usage}", ("用法见：{command}；以 - 开头的文字请放在 -- 之后",), ("dashes",)),
        Row("{usage}", ("用法见：{command}",)),
    ),
    "invalid-request": (
        Row("{model} 无法满足这样的要求：", ("可改为：{near}。", "请修改后重试；可用的参数和取值见：{command}", "请修改后重试。"), ("problems",)),
        Row("请求有误，未发送：", ("可改为：{near}。", "请修改后重试。"), ("problems",)),
    ),
    "asset-refused": (Row("素材未通过服务端的审核，未扣除积分。", ("请更换素材；此处不允许出现真人面孔。",), ("problems",)),),
    "no-prompt": (Row("缺少提示词。"),),
    "prompt-twice": (Row("提示词既写成了参数，又用 --prompt-file 指定。"),),
    "stdin-twice": (Row("提示词和参数都要读取标准输入，只能选其一。"),),
    "param-twice": (Row("参数 {param} 给出了两个不同的值。"),),
    "bad-param": (
        Row("{option} 须写成 {form}。", ("例如：-p duration=10",), ("form=key=value",)),
        Row("{option} 不是有效的 JSON（第 {line} 行第 {column} 列）。", ("""例如：--params-json '{{"duration": 10}}'""",)),
        Row("{option} 不是有效的 JSON。", ("""例如：--params-json '{{"duration": 10}}'""",), ("form=JSON",)),
        Row("{option} 必须是一个 JSON 对象。", ("""例如：--params-json '{{"duration": 10}}'""", """例如：--extra-params '{{"duration": 10}}'"""), ("form=object",)),
        Row("{option} 中的 n 必须是整数。", ("""例如：--extra-params '{{"n": 2}}'""",), ("form=whole",)),
    ),
    "unreadable-file": (
        Row("{option} 指定的文件 {file} 无法读取：{why}。"),
        Row("{option} 指定的文件 {file} 超过 {most_mib} MiB。"),
        Row("{option} 指定的文件 {file} 不是 {encoding} 文本。"),
    ),
    "conflicting-options": (
        Row("{options} 不能同时使用。", ("请去掉其中一个；--sandbox 也可能来自环境变量 IMA_SANDBOX。", "请去掉其中一个。")),
        Row("{option} 只能与 {needs} 一起使用。", ("请加上 --emit openclaw，或去掉该选项。",)),
        Row("只有用 --brief 且不用 --json 时，才能同时等待多个任务。", ("请加上 --brief，或逐个等待；tasks collect 会收取全部任务。",), ("several",)),
    ),
    "bad-date": (Row("--since 的日期无法识别。"),),
    "bad-product-list": (Row("{file} 无法作为产品列表读取：{why}。"), Row("{file} 中没有产品列表。")),
    "not-in-journal": (Row("记录中没有任务“{name}”。"),),
    "no-home": (Row("本机没有 {name} 的主目录。"),),
    "input-unreadable": (Row("素材 {file} 在上传前已无法读取：{why}；未扣除积分。"),),
    "input-changed": (Row("素材 {file} 在检查之后被改动，未扣除积分。"),),
    "input-damaged": (Row("素材 {file} 已损坏、不完整或无法读取，未扣除积分。"),),
    # batches
    "bad-batch": (
        Row("批量任务文件 {file} 无法读取：{why}。", ("请指定每行一个 JSON 对象的文件。",)),
        Row("第 {first} 行和第 {second} 行的编号都是 {id}。", ("请为每行使用不同的编号；也可以不写编号，默认用行号。",)),
    ),
    # folders and files
    "download-folder": (Row("无法写入文件夹 {folder}：{why}。"),),
    "disk-full": (Row("磁盘已满，无法写入 {folder}；已下载的部分已保留。"),),
    "state-folder": (
        Row("沙盒无法在 {folder} 中保存状态：{why}。"),
        Row("沙盒的状态文件 {path} 已损坏。", ("请清空沙盒，重新开始：{command}",)),
    ),
    "no-sandbox-state": (Row("{folder} 不是沙盒的状态目录。"),),
    "journal-unwritable": (Row("记录 {path} 无法写入：{why}；未发送。", ("没有记录就不会扣积分。请清理磁盘，将 IMA_HOME 设为可写目录，或设置 IMA_NO_WRITE=1 不留记录。",)),),
    "foreign-folder": (Row("{folder} 中有不是本命令写入的文件。"), Row("{page} 不是本命令生成的页面。")),
    "not-empty": (Row("{folder} 不是空目录。"),),
    # the service
    "network": (
        Row("服务器返回 HTTP {http_status}，其中没有服务端的应答。", ("请稍后重试。",)),
        Row("请求已发出，但没有收到应答（{why}）。", (), ("left",)),
        Row("无法连接到服务（{why}）。"),
    ),
    "deadline": (Row("任务 {task_id} 在 {deadline_s} 秒后仍未结束，可能还在进行。", ("请继续等待：{command}",)),),
    "download-failed": (
        Row("{total} 个作品中第 {missing} 个下载失败（{why}），其余已保存。", ("作品仍保存在服务端，可再次下载：{command}", "作品仍保存在服务端，请重试。"), ("files",)),
        Row("作品下载失败（{why}）。", ("作品仍保存在服务端，可再次下载：ima-skills tasks wait {task_id} --download DIR", "作品仍保存在服务端，请重试。")),
    ),
    "service-refused": (Row("服务端拒绝了任务（代码 {service_code}）：{service_message}"), Row("服务端拒绝了任务，代码 {service_code}。")),
    "job-failed": (
        Row("服务端未能完成任务：{said}（{total} 个作品中有 {usable} 个可用）", ("还有 {outstanding} 个已付费的作品待取回，请运行：{command}", ), ("outstanding",)),
        Row("服务端未能完成任务，没有说明原因（{total} 个作品中有 {usable} 个可用）。", ("还有 {outstanding} 个已付费的作品待取回，请运行：{command}", ), ("outstanding",)),
        Row("服务端未能完成任务：{said}（{total} 个作品中有 {usable} 个可用）", ("请换一个模型、调整设置或更换素材。创建时已扣除 {points} 积分。", "请换一个模型、调整设置或更换素材。"), ("usable",)),
        Row("服务端未能完成任务：{said}", ("请换一个模型、调整设置或更换素材。创建时已扣除 {points} 积分。", "请换一个模型、调整设置或更换素材。")),
        Row("服务端未能完成任务，没有说明原因。", ("请换一个模型、调整设置或更换素材。创建时已扣除 {points} 积分。", "请换一个模型、调整设置或更换素材。"), ("total",)),
    ),
    "outcome-unknown": (
        Row("同一任务已于 {sent} 发送，结果未知：可能已扣除 {points} 积分。", (_NOT_AGAIN + "；确需再次提交，请加上 --resubmit；若确认未被受理，请运行：{command}", _NOT_AGAIN + "；确需再次提交，请加上 --resubmit。", _NOT_AGAIN + "。")),
        Row("第 {line} 行已在先前的运行中提交，结果未知：可能已扣除积分。", ("系统不会自动重复提交。请先查看：{command}；确需再次提交，请加上 --resubmit。",)),
        Row("该步骤已在先前的运行中提交（{began}），结果未知：可能已扣除积分。", ("系统不会自动重复提交。请先查看：{command}；确需再次提交，请加上 --resubmit。",)),
        Row("另一进程提交同一任务已有 {waited_s} 秒，仍无结果；此处未发送。", ("请结束该进程后重试，或加 --new 另做一个。",)),
        Row("请求已发出但没有收到结果（{why}），可能已扣除积分。", (_NOT_AGAIN + "，再决定是否重新提交。",)),
    ),
    "interrupted": (
        Row("已中断；本次涉及的 {tasks} 个任务（{points} 积分）会在服务端继续进行，或已经完成。", ("请继续：{command}", "重新运行同一命令即可继续，不会重复扣积分。"), ("tasks",)),
        Row("已中断；没有得到服务端确认、仍在进行的任务。", ("重新运行同一命令即可。",), ("tasks=0",)),
        Row("已中断；已创建的任务会继续进行（方案 {plan_id}）。", ("重新运行同一命令即可继续，不会重复扣积分。进度见：{command}",)),
        Row("已中断；任务 {task_id} 会在服务端继续进行，或已经完成。", ("请继续等待：{command}",)),
        Row("已中断；任务当时正在提交，可能已被受理。", ("再次提交前，请先查看任务：ima-skills tasks list",), ("retryable=no",)),
        Row("已中断；没有发送会扣积分的请求。", ("可以重新运行。",)),
    ),
    "upload-refused": (Row("上传服务没有给出可用的地址，未扣除积分。"),),
    "media-empty": (Row("作品文件为空。", _FETCH),),
    "media-truncated": (Row("作品文件不完整。", _FETCH),),
    "media-wrong-kind": (Row("作品应为 {wanted}，实为 {found}。", _FETCH),),
    "media-address": (Row("作品没有可用的 https 地址。", _FETCH),),
    "unknown-media-kind": (Row("无法判断任务 {task_id} 的作品类型。"),),
    # keys, addresses, this machine
    "missing-extra": (
        Row("缺少可选组件：校验该模型的素材需要它。", ("请运行：{install}",), ("extra=media",)),
        Row("缺少可选组件：在系统钥匙串中保存密钥需要它。", ("请运行：{install}",), ("extra=keyring",)),
        Row("缺少可选组件。", ("请运行：{install}",), ("install",)),
    ),
    "no-journal": (Row("IMA_NO_WRITE=1 时不保存记录。"),),
    "bad-base-url": (Row("服务地址应形如 https://host。", ("请检查 {source}。",)),),
    "no-api-key": (Row("没有设置密钥。", ("请到 {url} 生成密钥并设置 IMA_API_KEY，或加上 --sandbox 离线体验（不消耗积分）。",)),),
    "malformed-api-key": (Row("密钥中含有无效字符。", ("请到 {url} 重新复制。",)),),
    "insecure-base-url": (Row("{host} 不是 https 地址；密钥会随每次请求发送，必须用 https。"),),
    "keyring-unavailable": (Row("系统钥匙串不可用（{why}）。"),),
    "cannot-bind": (Row("无法在 {host} 的端口 {port} 提供服务：{why}。"),),
    "not-loopback": (Row("沙盒只对本机开放，{host} 不是本机地址。"),),
    "invalid-scenario": (
        Row("场景文件 {file} 无法读取：{why}。"),
        Row("场景文件 {file} 有误：", (), ("problems",)),
    ),
})  # fmt: skip

# Sentences that are added to the hint of any error.
TAILS: Mapping[str, str] = MappingProxyType({
    "The task is of an earlier run; --new makes another one.": "该任务由先前的命令创建，加上 --new 可另做一个。",
})  # fmt: skip

# What causes are called by the system and by us, in Chinese; anything else is told as it is.
CAUSES: Mapping[str, str] = MappingProxyType({
    "Permission denied": "没有权限",
    "No such file or directory": "找不到文件或目录",
    "Is a directory": "这是一个目录",
    "Not a directory": "路径中有一段不是目录",
    "Not a plain file": "不是普通文件",
    "File exists": "同名文件已存在",
    "File name too long": "文件名过长",
    "Read-only file system": "文件系统只读",
    "No space left on device": "磁盘已满",
    "Address already in use": "端口已被占用",
    "it is not JSON": "不是 JSON",
    "it is not one JSON object of a sensible size": "不是一个大小合理的 JSON 对象",
    "it is no database": "不是数据库文件",
    "file is not a database": "不是数据库文件",
    "it is not a journal": "不是本程序的任务记录",
    "it is damaged": "已损坏",
    "database disk image is malformed": "已损坏",
    "it was written by a later version of ima-skills": "由更新版本的 ima-skills 写入",
    "not UTF-8": "不是 UTF-8 文本",
    "something unknown": "无法识别的类型",
    "what is it that should be made?": "要生成什么？",
})  # fmt: skip
