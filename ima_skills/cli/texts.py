"""The sentences that all commands share, in both languages; the rest is in :mod:`ima_skills.cli.sentences`.

Help texts are in :mod:`ima_skills.cli.help_zh`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Key to English and Chinese; both have the same placeholders.
TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    # labels of a result
    "label.task": ("task", "任务"),
    "label.model": ("model", "模型"),
    "label.points": ("points", "积分"),
    "label.rule": ("price for", "计价条件"),
    "label.cheaper": ("cheaper", "更便宜"),
    "label.better": ("better", "更高品质"),
    "label.time": ("time", "用时"),
    "label.estimate": ("takes about", "预计用时"),
    "label.parameters": ("parameters", "参数"),
    "label.changes": ("changed", "调整"),
    "label.file": ("file", "文件"),
    "kept.same": ("was there already, same size", "已存在，大小一致，未重新下载"),
    "kept.other": ("was there already and differs in size; left alone", "已存在且大小不同，未改动"),
    "kept.unchecked": ("was there already; left alone, not compared", "已存在，未改动，未比对"),
    "label.address": ("address", "地址"),
    "label.status": ("status", "状态"),
    "label.hint": ("Next", "建议"),
    "label.error": ("Error", "错误"),
    "label.no-wish": ("(not set)", "（未设置）"),
    "label.nothing": ("(not sent)", "（不发送）"),
    "label.change": ("{param}: {before} → {after} ({why})", "{param}：{before} → {after}（{why}）"),
    # states
    "status.processing": ("processing", "生成中"),
    "status.success": ("done", "已完成"),
    "status.failed": ("failed", "失败"),
    # the road
    "road.chosen-explicit": ("{model}, as you asked", "{model}，按你的指定"),
    "road.chosen-saved": ("{model}, your usual model", "{model}，你的常用模型"),
    "road.chosen-knowledge": ("{model}, recommended for this", "{model}，适合此任务的推荐模型"),
    "road.chosen-default": ("{model}, the default", "{model}，默认模型"),
    "road.quoted": (
        "{model}: {points} points, about {low} to {high} s",
        "{model}：{points} 积分，预计 {low} 至 {high} 秒",
    ),
    "road.uploaded": ("input {index} of {total} is uploaded", "素材 {index}/{total} 已上传"),
    "road.created": ("task {task_id} is created", "任务 {task_id} 已创建"),
    "road.reattached": (
        "the same job is under way already: task {task_id}; nothing more is spent",
        "相同任务已在进行：{task_id}，不会再次扣除积分",
    ),
    "road.journal-trouble": (
        "task {task_id} is not touched by it, but something about it could not be written down: {message}",
        "任务 {task_id} 不受影响，但未能写入记录：{message}",
    ),
    "road.reflected": (
        "refused ({code}); trying once more: {because}",
        "服务端拒绝（{code}），正在再试一次：{because}",
    ),
    "road.progress": ("{percent} % after {elapsed:.0f} s", "{percent} %，已用 {elapsed:.0f} 秒"),
    "road.progress-many": (
        "{percent} % after {elapsed:.0f} s, {done} of {total} done",
        "{percent} %，已用 {elapsed:.0f} 秒，完成 {done}/{total}",
    ),
    "road.trouble": ("looking again: {message}", "正在重新查询：{message}"),
    "road.outage": (
        "{message}: {count} looks in a row have failed since {since}, and it goes on until {until}. The job is not touched by that and can be collected later: ima-skills tasks wait {task_id}{flags}",
        "{message}：自 {since} 起已连续 {count} 次查询失败，将继续尝试到 {until}。任务本身不受影响，之后仍可收取：ima-skills tasks wait {task_id}{flags}",
    ),
    "road.downloaded": ("saved {path}", "已保存 {path}"),
    "road.finished": ("done", "已完成"),
    # advice, search, drift
    "advise.fine": (
        "{model} can do this for {points} points.",
        "{model} 可以完成，需 {points} 积分。",
    ),
    "advise.nearest": (
        "Nearest with this model: {values} ({points} points)",
        "该模型最接近的设置：{values}（{points} 积分）",
    ),
    "advise.other": ("Instead: {model} {values} ({points} points)", "可选：{model} {values}（{points} 积分）"),
    "search.none": ("No model can do that.", "没有模型能够满足。"),
    "search.ignored": ("Not considered, because no model has it: {words}", "没有与之对应的模型，未予考虑：{words}"),
    "defaults.default": ("default", "默认"),
    "defaults.budget": ("cheapest", "省积分"),
    "defaults.premium": ("best", "高品质"),
    "login.prompt": ("API key (not shown)", "API 密钥（不显示）"),
    "login.done": ("The key is kept in the system's keyring.", "密钥已保存到系统钥匙串。"),
    "logout.done": ("The key is dropped.", "密钥已移除。"),
    "logout.none": ("There was no key.", "没有已保存的密钥。"),
    "batch.progress": (
        "{done} of {total} done, {failed} failed, {points} points, about {left} s left",
        "已完成 {done}/{total}，失败 {failed}，已用 {points} 积分，约剩 {left} 秒",
    ),
    "batch.summary": (
        "{done} of {total} lines done, {failed} failed, {left} left; points: {points} in this run, {points_of_results} in all",
        "共 {total} 行，已完成 {done}，失败 {failed}，未完成 {left}，积分：本次 {points}，累计 {points_of_results}",
    ),
    "batch.failed": ("  line {line} ({id}): {fault}", "  第 {line} 行（{id}）：{fault}"),
    "batch.more-failed": ("  and {count} more", "  另有 {count} 行失败"),
    "batch.held": ("  {count} left undone ({code}): {fault}", "  {count} 行未完成（{code}）：{fault}"),
    "batch.stopped": ("Stopped ({code}): {fault}", "已停止（{code}）：{fault}"),
    "drift.new-leaf": ("new model", "新模型"),
    "drift.gone-leaf": ("model is gone", "模型已下线"),
    "drift.renamed": ("other", "变更"),
    "drift.new-rule": ("new price for", "新增价格"),
    "drift.gone-rule": ("price is gone for", "价格已移除"),
    "drift.price": ("other price for", "价格变更"),
    "drift.attribute-id": ("other attribute id for", "属性编号变更"),
    "drift.new-field": ("new field", "新增字段"),
    "drift.gone-field": ("field is gone:", "字段已移除"),
    "drift.default": ("other default of", "默认值变更"),
    "drift.options": ("other options of", "选项变更"),
    "drift.bounds": ("other bounds of", "取值范围变更"),
    "drift.mapping": ("other table of", "映射变更"),
    "drift.no-entry": ("no registry entry for", "注册表缺少条目"),
    "drift.unreadable": ("cannot be read", "无法读取"),
    "drift.none": ("{lists} lists, no drift", "{lists} 个列表，无差异"),
    "drift.count": ("{count} differences in {lists} lists", "{lists} 个列表中有 {count} 处差异"),
    # notes
    "note.sandbox": ("Sandbox output: no points were spent.", "Sandbox（沙盒）结果：未消耗任何积分。"),
    "note.sandbox-list": (
        "This is the list of the sandbox: a dated copy, not the live service.",
        "这是 Sandbox（沙盒）的列表：带日期的副本，并非线上服务。",
    ),
    "note.dry-run": ("Nothing was created, nothing was charged.", "未创建任务，未扣除积分。"),
    "note.api-key": (
        "Note: a key on the command line can be seen by others on this machine; set IMA_API_KEY instead.",
        "提示：命令行里的密钥可能被本机其他用户看到，请改用环境变量 IMA_API_KEY。",
    ),
    "ask.points": ("{model} costs {points} points. Go on?", "{model} 需要 {points} 积分，是否继续？"),
    "note.running": (
        "Still running. Continue with: ima-skills tasks wait {task_id}{flags}",
        "任务仍在进行，继续等待：ima-skills tasks wait {task_id}{flags}",
    ),
    "note.seconds": ("{seconds:.1f} s", "{seconds:.1f} 秒"),
    "note.seconds-span": ("{low} to {high} s", "{low} 至 {high} 秒"),
    # models
    "models.task-type": ("task type", "任务类型"),
    "models.name": ("model", "模型"),
    "models.version": ("version", "版本"),
    "models.points": ("points", "积分"),
    "models.estimate": ("seconds", "秒"),
    "models.status": ("status", "状态"),
    "models.aliases": ("also called", "别名"),
    "models.snapshot": ("Product list of {date}; prices may have changed.", "{date} 的产品列表，价格可能已变化。"),
    "models.live": ("Live product list.", "线上实时产品列表。"),
    "models.none": ("No model.", "没有模型。"),
    "models.successor": ("use instead", "替代模型"),
    "models.tier": ("tier", "档位"),
    "models.use-cases": ("good for", "适合"),
    "models.fallbacks": ("fallbacks", "备选"),
    "models.quirks": ("quirks", "适配规则"),
    "models.subscription": ("subscription", "订阅"),
    "models.subscription-yes": ("required", "需要"),
    "models.limits": ("refuses", "限制"),
    "models.facts": ("facts", "能力"),
    "models.evidence": ("evidence", "依据"),
    "models.inputs": ("inputs", "素材"),
    "models.inputs-span": ("{low} to {high} ({kinds})", "{low} 至 {high} 个（{kinds}）"),
    "models.parameter": ("parameter", "参数"),
    "models.default": ("default", "默认值"),
    "models.choices": ("choices", "可选值"),
    "models.not-with": ("{value} not with {other} {values}", "{value} 不能与 {other} {values} 同用"),
    "models.rule": ("{points} points: {condition}", "{points} 积分：{condition}"),
    "models.rule-default": ("everything else", "其他情况"),
    "models.rules": ("prices", "价格"),
    # the journal
    "tasks.nothing": ("No jobs.", "没有任务。"),
    "tasks.none": ("No jobs under way here; those that have ended: ima-skills tasks list --all", "没有进行中的任务；已结束的任务请看：ima-skills tasks list --all"),
    "tasks.id": ("task", "任务"),
    "tasks.state": ("state", "状态"),
    "tasks.model": ("model", "模型"),
    "tasks.points": ("points", "积分"),
    "tasks.opened": ("since", "开始时间"),
    "tasks.looks": (
        "looks: {count}, the last at {last} ({outputs_done} of {outputs} outputs done)",
        "已查询 {count} 次，最近一次：{last}（已完成 {outputs_done}/{outputs} 个作品）",
    ),
    "tasks.forgotten": ("Forgotten; what it made stays where it is.", "已不再跟踪该任务，已有作品保留原处。"),
    "tasks.outstanding": (
        "{count} outstanding. Finish them with: ima-skills tasks collect{flags}",
        "{count} 个任务待收取，请运行：ima-skills tasks collect{flags}",
    ),
    "tasks.unknown": (
        "{count} of unknown outcome: points may have been charged. Check your records at the service.",
        "{count} 个任务结果未知：可能已扣除积分，请到服务端核对。",
    ),
    "state.intent": ("preparing", "准备中"),
    "state.sending": ("sending", "发送中"),
    "state.accepted": ("under way", "进行中"),
    "state.refused": ("not charged", "未扣费"),
    "state.unknown": ("UNKNOWN", "结果未知"),
    "state.success": ("done", "已完成"),
    "state.failed": ("failed", "失败"),
    "state.forgotten": ("forgotten", "已忽略"),
    "collect.none": ("Nothing is outstanding here.", "这里没有待收取的任务。"),
    "collect.left": ("not finished", "未完成"),
    "collect.elsewhere": (
        "{count} more at another service; add --base-url or --sandbox.",
        "另有 {count} 个任务在其他服务上，请加 --base-url 或 --sandbox。",
    ),
    "spend.total": ("{points} points, {jobs} jobs", "共 {points} 积分，{jobs} 个任务"),
    "spend.name": ("of", "项目"),
    "spend.points": ("points", "积分"),
    "spend.jobs": ("jobs", "任务数"),
    "spend.may_be_refunded": (
        "{points} of them for failed jobs, which the service may give back: {names}",
        "其中 {points} 积分用于失败的任务，服务端可能退还：{names}",
    ),
    "spend.unknown": (
        "{points} more may have been charged for jobs of unknown outcome: {names}",
        "另有 {points} 积分可能已因结果未知的任务扣除：{names}",
    ),
    # plugins
    "plugins.name": ("plugin", "插件"),
    "plugins.origin": ("from", "来源"),
    "plugins.state": ("state", "状态"),
    "plugins.supplies": ("supplies", "提供"),
    "plugins.hooks": ("hooks", "钩子"),
    "plugins.fault": ("{name}: {fault}", "{name}：{fault}"),
    # registry check
    "check.clean": ("{files} files, {models} models: no faults", "{files} 个文件，{models} 个模型：没有问题"),
    "check.faults": ("{count} faults in {files} files", "{files} 个文件中发现 {count} 个问题"),
    # sandbox
    "sandbox.balance": ("{points} points left", "剩余 {points} 积分"),
    "sandbox.reset": ("The sandbox has forgotten everything: {state}", "沙盒状态已清空：{state}"),
    "sandbox.reset-nothing": ("There was nothing to forget: {state}", "没有需要清空的状态：{state}"),
    # demo
    "demo.start": ("Making {count} media on the sandbox …", "正在沙盒中生成 {count} 个作品……"),
    "demo.line": ("{title}: {model}, {points} points, {seconds:.1f} s", "{title}：{model}，{points} 积分，{seconds:.1f} 秒"),
    "demo.done": (
        "{count} media in {seconds:.0f} s. Open {index}",
        "{seconds:.0f} 秒生成 {count} 个作品。请打开 {index}",
    ),
    # one line per task
    "brief.next": ("Next: {command}", "下一步：{command}"),
    "brief.running": ("not ended yet", "尚未结束"),
    "brief.trouble": ("no result", "没有结果"),
    "brief.outputs": ("outputs: {count}", "作品：{count}"),
    # the end
    "end.interrupted": ("interrupted", "已中断"),
    "end.debug": ("Set IMA_DEBUG=1 to see where it happened.", "设置 IMA_DEBUG=1 可查看详细位置。"),
})  # fmt: skip


def say(language: str, key: str, **values: Any) -> str:
    """Return a text in a language with its placeholders filled.

    Args:
        language: ``zh``, otherwise English.
        key: One of ``TEXTS``, or of the texts of an area.
        values: The placeholders.
    """
    english, chinese = TEXTS[key] if key in TEXTS else _of_an_area(key)
    return (chinese if language == "zh" else english).format(**values)


def _of_an_area(key: str) -> tuple[str, str]:
    from ima_skills.cli.sentences import text_of

    return text_of(key)
