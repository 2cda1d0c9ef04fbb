"""Sentences of ``registry check``: what is wrong with a registry file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "registry.line": ("{file}: {place}: {message} ({facts})", "{file}：{place}：{message}（{facts}）"),
    "registry.found": ("found {value}", "当前为 {value}"),
    "registry.rule": ("rule {rule}", "规则 {rule}"),
    "registry.nearest": ("nearest: {nearest}", "最接近的正确写法：{nearest}"),
    "registry.declared": ("declared in the model's file, in no captured list", "仅由模型文件声明，不在采集的产品列表中"),
    "registry.unseen": (
        "{file}: {place}: {value} was not looked for: it is code of {plugin}, for ima-skills plugin certify",
        "{file}：{place}：未检查 {value}：它属于插件 {plugin} 的代码，请用 ima-skills plugin certify 检验",
    ),
    "registry.unreadable": ("cannot be read: {fault}", "无法读取：{fault}"),
    "registry.id-twice": ("{value!r} is already the id of {other}", "{value!r} 已是 {other} 的 id"),
    "registry.file-name": ("the file must be called {nearest}", "文件名应为 {nearest}"),
    "registry.folder": ("the file must be in the folder {nearest}", "文件应放在 {nearest} 目录下"),
    "registry.text-missing": ("{other} says this, and this file does not", "{other} 有此文本，而本文件没有"),
    "registry.text-places": ("the places in braces differ from those in {other}", "花括号中的占位符与 {other} 不一致"),
    "registry.text-twice": ("{other} says this already, and its words are taken", "{other} 已有此文本，以其为准"),
    "registry.no-reason": ("no message says a reason for {value!r}", "没有消息说明 {value!r} 的原因"),
    "registry.platform-twice": ("{value!r} is a platform of {other} already, which is used", "{value!r} 已是 {other} 定义的平台，以其为准"),
    "registry.missing-error": ("no error is called {value!r}", "没有名为 {value!r} 的错误"),
    "registry.code-twice": ("{value!r} is in two rows", "{value!r} 出现在两行中"),
    "registry.missing-quirk": ("no active plugin supplies {value!r}", "没有已启用的插件提供 {value!r}"),
    "registry.unused-options": ("the model does not name this quirk", "该模型没有使用这个适配规则"),
    "registry.missing-modality": ("no active plugin declares {value!r}", "没有已启用的插件声明 {value!r}"),
    "registry.task-type": ("there is no such task type", "没有这个任务类型"),
    "registry.foreign-task-type": ("the modality {modality} does not do this", "模态 {modality} 不支持该任务类型"),
    "registry.undone-task-type": ("no active plugin does this (modality {modality})", "没有已启用的插件支持它（模态 {modality}）"),
    "registry.missing-model": ("there is no model {value!r}", "没有名为 {value!r} 的模型"),
    "registry.retired-model": ("{value!r} is retired itself", "{value!r} 本身已下线"),
    "registry.self": ("a model is no fallback of itself", "模型不能以自己作为备选"),
    "registry.default-task-type": ("{value!r} does not do {task_type}", "{value!r} 不支持 {task_type}"),
    "registry.name-twice": ("{value!r} already leads to {other}", "{value!r} 已指向 {other}"),
    "registry.no-evidence": ("there is no evidence for anything", "没有任何出处说明"),
    "registry.evidence": ("there is no {value} in this file", "文件中没有 {value}"),
    "registry.unknown-leaf": ("no model file has {model_id} {value} in {task_type}", "没有模型文件在 {task_type} 中包含 {model_id} {value}"),
    "registry.words": ("{fault}", "词表无法使用：{fault}"),
    "registry.media": ("no vocabulary file has the media {value!r}", "没有词表定义媒体 {value!r}"),
    # Declared rules
    "registry.param": ("the model has no parameter {value!r}; it has: {allowed}", "该模型没有参数 {value!r}，可用的有：{allowed}"),
    "registry.not-offered": ("{param} does not offer {value!r}; it offers: {allowed}", "{param} 没有 {value!r} 这个取值，可选：{allowed}"),
    "registry.never-task-type": ("the rule never applies: the model does not do {value!r}", "规则永远不会生效：该模型不支持 {value!r}"),
    "registry.never-version": ("the rule never applies: the model has no version {value!r}", "规则永远不会生效：该模型没有版本 {value!r}"),
    "registry.never-value": ("the rule never applies: {param} is never {value!r}", "规则永远不会生效：{param} 不会取值 {value!r}"),
    "registry.never-source": ("the rule never tells anything: no version's name or id fits", "规则永远得不到结果：没有任何版本的名称或 id 与之匹配"),
    "registry.never-default": ("the rule never applies: an earlier rule already gives {value!r} a default", "规则永远不会生效：前面的规则已为 {value!r} 设置默认值"),
    "registry.rename-twice": ("{value!r} is already renamed to {other}", "{value!r} 已被改名为 {other}"),
    "registry.rename-known": ("{value!r} is a parameter of its own; renaming it would make it unreachable", "{value!r} 本身就是参数，改名后将无法使用"),
    "registry.rename-again": ("{value!r} is renamed itself; name the last one", "{value!r} 自身又被改名，请直接写最终名称"),
    "registry.map-again": ("{value!r} is itself a word for something else; name the last one", "{value!r} 本身又是另一个词，请直接写最终取值"),
    # Declared leaves and their prices
    "registry.version": ("the model has no version {value!r} here", "该模型在此没有版本 {value!r}"),
    "registry.offer-twice": ("{value!r} is already offered", "{value!r} 已声明过"),
    "registry.captured": ("a captured list has {value!r}; it wins, and this is never used", "采集的产品列表中已有 {value!r}，以其为准，此处不会被使用"),
    "registry.price-param": ("the form has no field {value!r}", "表单中没有字段 {value!r}"),
    "registry.reserved": ("{value!r} belongs to the request, not to the form", "{value!r} 属于请求本身，不能作为表单字段"),
    "registry.attribute-twice": ("the attribute id {value} already belongs to {other}", "attribute_id {value} 已属于 {other}"),
    "registry.unpriced": ("no price holds for {chosen}", "{chosen} 没有对应的价格"),
    "registry.ambiguous": ("several prices hold for {chosen}: attribute ids {ids}", "{chosen} 同时对应多个价格：attribute_id {ids}"),
    "registry.never-price": ("the price never holds: others always come first", "该价格永远不会生效：总有其他价格优先"),
    "registry.unsayable": (
        "nobody can ask for {value!r}: a name is not blank and has no @, behind which a version is read",
        "无法用 {value!r} 指定模型：名称不能是空白，也不能有 @，@ 之后会读作版本",
    ),
    "registry.odd-letter": ("holds {value}, which nobody sees; leave it out", "含有看不见的字符 {value}，请删去"),
    "registry.not-finite": ("{value} is no number that can be compared; leave it out", "{value} 不是可以比较的数值，请删去"),
    "registry.bounds": ("the lowest is above the highest, {nearest}", "下限大于上限 {nearest}"),
    "registry.outside": ("the default is outside the bounds {low} to {high}", "默认值超出范围 {low} 至 {high}"),
})  # fmt: skip

# What schemas and the rules' own checks find, said by rule; {message} is the English sentence.
RULES_ZH: Mapping[str, str] = MappingProxyType({
    "enum": "只能是：{allowed}",
    "const": "只能是 {allowed}",
    "unknown": "这里没有这个字段，可用的有：{allowed}",
    "type": "类型不正确（{message}）",
    "required": "缺少：{nearest}",
    "pattern": "格式不正确（{message}）",
    "minimum": "不能小于 {nearest}",
    "maximum": "不能大于 {nearest}",
    "exclusiveMinimum": "数值过小（{message}）",
    "minLength": "不能为空或过短",
    "maxLength": "文字过长",
    "minItems": "条目过少",
    "maxItems": "条目过多",
    "minProperties": "条目过少",
    "uniqueItems": "有重复的条目",
    "not": "此处不允许（{message}）",
    "actions": "每条规则必须且只能有一个动作：{allowed}",
    "either": "这些字段必须且只能选用一种：{allowed}",
    "never": "规则在这一步无法使用该条件，可用的有：{allowed}",
    "template": "模板引用了不存在的分组，可用的有：{allowed}",
    "bounds": "下限大于上限 {nearest}",
    "self": "参数 {value} 不能是自己的别名",
})  # fmt: skip
