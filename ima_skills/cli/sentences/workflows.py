"""Sentences about plans and their runs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "workflows.step": ("step", "步骤"),
    "workflows.model": ("model", "模型"),
    "workflows.points": ("points", "积分"),
    "workflows.needs": ("works with", "所用素材"),
    "workflows.settings": ("settings", "参数"),
    "workflows.state": ("state", "状态"),
    "workflows.task": ("task", "任务"),
    "workflows.plan": ("plan", "方案"),
    "workflows.done": ("done", "已完成"),
    "workflows.media": ("media", "内容"),
    "workflows.last": ("last activity", "最近更新"),
    "workflows.as-source": ("picture to change", "作为原图"),
    "workflows.as-first_frame": ("first frame", "作为首帧"),
    "workflows.as-last_frame": ("last frame", "作为尾帧"),
    "workflows.as-reference": ("reference", "作为参考"),
    "workflows.as-duration": ("its length", "按其时长"),
    "workflows.own": ("files of yours: {count}", "自备素材 {count} 个"),
    "workflows.assumed": ("assumed", "按此理解"),
    "workflows.total": (
        "Total: {points} points, about {low} to {high} s",
        "合计：{points} 积分，预计 {low} 至 {high} 秒",
    ),
    "workflows.left": ("Left to pay: {points} points", "还需支付：{points} 积分"),
    "workflows.over-wish": (
        "The wish allows {cap} points, and this plan costs {points}: run refuses it until models or settings fit.",
        "要求最多 {cap} 积分，而该方案需要 {points} 积分：调整模型或参数之前，运行会被拒绝。",
    ),
    "workflows.run": (
        "Make it with: {command}",
        "确认后运行：{command}",
    ),
    "workflows.not-saved": (
        "IMA_NO_WRITE=1 keeps the plan from being saved, so it cannot be run.",
        "已设置 IMA_NO_WRITE=1，方案未保存，因此无法运行。",
    ),
    "workflows.up-to": (
        "{step}: up to {seconds:g} s {model}, {points} points",
        "{step}：时长不超过 {seconds:g} 秒时用 {model}，{points} 积分",
    ),
    "workflows.longer": (
        "{step}: for anything longer {model}, {points} points",
        "{step}：更长时用 {model}，{points} 积分",
    ),
    "workflows.reused": ("there already, nothing paid", "已有成品，不再扣积分"),
    "workflows.under_way": ("under way, nothing paid", "正在生成，不再扣积分"),
    "workflows.running": ("running", "进行中"),
    "workflows.success": ("done", "已完成"),
    "workflows.open": ("accepted, not here yet", "已提交，尚未取回"),
    "workflows.unknown": ("outcome unknown", "结果未知"),
    "workflows.not-sent": ("not sent", "未提交"),
    "workflows.waiting": ("waits for a step before it", "等待前面的步骤"),
    "workflows.planned": ("planned", "待运行"),
    "workflows.partial": ("partly done", "部分完成"),
    "workflows.completed": ("complete", "全部完成"),
    "workflows.failed": ("failed", "失败"),
    "workflows.is-planned": ("{plan_id}: planned, nothing spent yet", "{plan_id}：待运行，尚未扣积分"),
    "workflows.is-running": ("{plan_id}: a process is making it now", "{plan_id}：正在运行"),
    "workflows.is-partial": (
        "{plan_id}: partly done; run it again to go on",
        "{plan_id}：部分完成，再次运行即可继续",
    ),
    "workflows.is-completed": ("{plan_id}: complete", "{plan_id}：全部完成"),
    "workflows.is-failed": ("{plan_id}: failed; run it again to retry", "{plan_id}：失败，再次运行即可重试"),
    "workflows.unreadable": (
        "Cannot be read as plans, or were edited since: {names}",
        "以下文件无法作为方案读取：{names}",
    ),
    "workflows.none": ("There are no plans.", "还没有方案。"),
    "workflows.summary": (
        "{done} of {total} steps are done; {points} points this time, {spent} in all",
        "已完成 {done}/{total} 步；本次 {points} 积分，累计 {spent} 积分",
    ),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Plan and price several media that belong together.": "为一组相关的作品制定方案并报价。",
    "Make a plan, every step once.": "运行方案，每一步只做一次。",
    "List plans and show how far they are.": "列出方案，查看进度。",
    "Plan and price several media that belong together. Spends nothing.": "为一组相关的作品制定方案并报价，不消耗积分。",
    "Make these from TEXT, for instance image,video,music, instead of reading them from it.": (
        "直接指定要生成的内容，例如 image,video,music，不再从 TEXT 中理解。"
    ),
    "A file or https address that the first step starts from; may be repeated.": "第一步所用的素材文件或 https 地址，可重复。",
    "Price a plan again: its id, or a file.": "为已有方案重新报价：方案编号或文件。",
    "Change one step, for instance video-2.param.duration=10; may be repeated.": (
        "修改某一步，例如 video-2.param.duration=10，可重复。"
    ),
    "Plan the same wish once more, as a plan of its own.": "同样的需求另立一份新方案。",
    "Write a copy of the plan here.": "把方案另存一份到该文件。",
    "Show the prompts too.": "同时显示提示词。",
    "Make a plan. Run it again to go on where it ended; nothing is paid twice.": (
        "运行方案；中断后再次运行即可继续，不会重复扣积分。"
    ),
    "The plan's hash, or its first 12 figures: agrees to exactly this plan and its price.": (
        "方案的哈希值，或其前 12 位：表示同意这份方案及其价格。"
    ),
    "Folder for the files; else that of the run before, else one beside the plan.": (
        "文件保存目录；默认沿用上次运行的目录，否则放在方案旁边。"
    ),
    "Send a step once more whose outcome is unknown; it may be paid twice.": "重新提交结果未知的步骤，可能重复扣积分。",
    "List plans, and show how far each of them is.": "列出方案，查看各自进度。",
    "List plans, the one touched last first. Shows no prompts.": "列出方案，最近更新的在前；不显示提示词。",
    "Show a plan, and what became of each step.": "查看方案及各步骤的结果。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-plan": (
        ("The plan cannot be made as it is.", "方案无法按现在的内容执行。"),
        ("Correct what is named, and price it again.", "请修改指出的问题，再重新报价。"),
    ),
    "bad-plan-file": (
        ("The file cannot be read as a plan.", "该文件无法作为方案读取。"),
        ("Check the file, or make a new plan.", "请检查文件，或重新制定方案。"),
    ),
    "no-plan-there": (
        ("The file for the copy of the plan exists and is no plan.", "指定的文件已存在，且不是方案文件。"),
        ("Name another file with --out.", "请用 --out 指定其他文件。"),
    ),
    "unknown-plan": (
        ("There is no such plan.", "没有这份方案。"),
        ("Look at ima-skills workflows list.", "请查看 ima-skills workflows list。"),
    ),
    "no-plan-wish": (
        ("Nothing says what to plan, or two things do.", "未说明要制定什么方案，或重复说明。"),
        ("Give a text, or name a plan with --from.", "请给出文字，或用 --from 指定方案，二选一。"),
    ),
    "needs-answer": (
        ("A question has to be answered first.", "还需要先回答一个问题。"),
        ("Say it in other words, or use --targets.", "请补充说明，或使用 --targets。"),
    ),
    "nothing-to-make": (
        ("The wish asks about what is there, and for nothing to be made.", "这是一个询问，没有要生成的内容。"),
        ("Run the command that answers it.", "请运行能回答它的命令。"),
    ),
    "unknown-target": (
        ("Nothing makes such a media.", "没有能生成此类内容的任务。"),
        ("Take one of those that are named.", "请使用列出的类型。"),
    ),
    "no-place-for-inputs": (
        ("The step takes no input files.", "该步骤不接受素材文件。"),
        ("Say which step they are for: --step ID.input=FILE.", "请用 --step 步骤.input=文件 指明用于哪一步。"),
    ),
    "bad-step": (
        ("A wish about a step cannot be read, or names no step.", "对步骤的设置无法读取，或没有这个步骤。"),
        ("Write ID.FIELD=VALUE, for instance video-2.param.duration=10.", "请写成 步骤.字段=值，例如 video-2.param.duration=10。"),
    ),
    "plan-edited": (
        ("The plan was edited after it was priced, or never priced.", "方案在报价后被改动，或尚未报价。"),
        ("Price it again with ima-skills plan --from.", "请用 ima-skills plan --from 重新报价。"),
    ),
    "plan-not-confirmed": (
        ("The plan is not the one that was confirmed.", "当前方案与你确认的不一致。"),
        ("Look at it, and confirm its present hash.", "请查看方案，并确认当前的哈希值。"),
    ),
    "plan-outdated": (
        ("The service, its list or an input file no longer agrees with the plan.", "服务端、产品列表或素材文件已与方案不符。"),
        ("Price the plan again.", "请重新报价。"),
    ),
    "over-agreed": (
        ("What is left of the plan would cost more than was agreed to.", "方案剩余部分会超出已同意的积分。"),
        (
            "Price it again with ima-skills plan --from, look at what is left, and run it again.",
            "请用 ima-skills plan --from 重新报价，确认剩余费用后再运行。",
        ),
    ),
    "workflow-running": (
        ("Another process runs this plan.", "另一个进程正在运行这份方案。"),
        ("Wait for it, or look at ima-skills workflows show.", "请等待其结束，或查看 ima-skills workflows show。"),
    ),
    "output-gone": (
        ("An output is neither here nor at the service any more.", "某一步的成品在本机和服务端都已不存在。"),
        ("Make that step anew.", "请重做该步骤。"),
    ),
    "input-promised": (
        ("An input of the job is still to be made.", "任务的素材尚未生成。"),
        ("Make the step before it first.", "请先完成前面的步骤。"),
    ),
    "broken-record": (
        ("The record of what a plan has made cannot be read.", "方案的运行记录无法读取。"),
        ("Restore it, or delete it and look at ima-skills tasks list.", "请恢复该文件；或删除后查看 ima-skills tasks list。"),
    ),
    "state-unwritable": (
        ("A file of the state folder cannot be written.", "状态目录中的文件无法写入。"),
        ("Make room, or set IMA_HOME to a folder that can be written.", "请腾出空间，或将 IMA_HOME 设为可写目录。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "bad-plan": (
        Row("方案有 {problems} 处问题，未发送：", ("可改为：{near}。", "请修改方案后重新报价。"), ("problems",)),
    ),
    "bad-plan-file": (
        Row("{file} 无法作为方案读取：{why}（第 {line} 行）。"),
        Row("{file} 无法作为方案读取：{why}。"),
    ),
    "unknown-plan": (Row("没有方案“{name}”。", ("是否想写 {nearest}？", "请查看 {command}")),),
    "no-plan-wish": (Row("请写明要制定什么方案，或用 --from 指定已有方案，二选一。", ('例如：ima-skills plan "一部狐狸短片" --targets image,video,music',)),),
    "nothing-to-make": (Row("这是一个询问，没有要生成的内容。", ("请运行：{command}",)),),
    "needs-answer": (Row("{question}", ("请从中选择：{options}。",)),),
    "unknown-target": (Row("没有能生成“{name}”的任务。", ("是否想写 {nearest}？可用的有：{available}。", "可用的有：{available}。")),),
    "no-place-for-inputs": (Row("步骤 {step} 不接受素材文件。"),),
    "bad-step": (
        Row("--step 须写成 {form}。", ("例如：--step image-1.model=seedream-4.5 --step video-2.param.duration=10",)),
        Row("{place} 必须是整数。", ("例如：--step {place}=2",)),
        Row("步骤 {step} 没有可以这样设置的“{name}”。", ("是否想写 {nearest}？可用的有：{available}。", "可用的有：{available}。")),
        Row("“{use}”没有说明如何使用另一步骤的成品。", ("可用的用法：{roles}。",)),
        Row("没有步骤“{name}”。", ("是否想写 {nearest}？可用的有：{available}。", "可用的有：{available}。")),
    ),
    "plan-edited": (
        Row("{unpriced} 尚未报价。", ("请先报价并查看：{command}",)),
        Row("方案在报价后被改动：{changed}。", ("请重新报价并查看：{command}",)),
    ),
    "plan-not-confirmed": (
        Row("方案的哈希值与确认的不一致；此后的变动：{changed}。未发送。", ("请查看方案：{command}",)),
        Row("方案的哈希值与确认的不一致，未发送。", ("请查看方案：{command}",), ("plan_hash",)),
    ),
    "plan-outdated": (Row("方案已过时：{changed}。", ("请重新报价：{command}",)),),
    "over-agreed": (
        Row("已同意 {agreed} 积分，其中 {spent} 积分已用；剩余部分最多还需 {quoted} 积分，未发送。", ("请重新报价并确认：{command}",)),
    ),
    "state-unwritable": (Row("{path} 无法写入：{why}。"),),
})  # fmt: skip
