"""What ``plugin certify`` finds wrong with a plugin, and the next step; ``plugin`` makes texts of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Code to what is wrong and the next step, each in English and Chinese.
FAULTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-distribution": (
        ("{value!r} is no name of a distribution.", "{value!r} 不是合法的发行包名称。"),
        ("Use letters, digits and dashes.", "请使用字母、数字和连字符。"),
    ),
    "bad-entry-point": (
        ("{value!r} is no name for a plugin.", "{value!r} 不适合作为插件名称。"),
        ("Use lower-case letters, digits and dashes.", "请使用小写字母、数字和连字符。"),
    ),
    "entry-point-taken": (
        ("{value!r} is the name of a plugin of {other}.", "{value!r} 已是 {other} 的插件名称。"),
        ("Give the entry point another name.", "请为入口点另取名称。"),
    ),
    "bad-module": (
        ("{value!r} is no name of a module.", "{value!r} 不是合法的模块名。"),
        ("Name the package that holds the hooks.", "请写包含钩子的包名。"),
    ),
    "several-plugins": (
        ("The distribution brings {value} plugins; this looked at the first one.", "该发行包含 {value} 个插件，这里只检验了第一个。"),
        ("Make one distribution for each plugin.", "请为每个插件单独制作发行包。"),
    ),
    "no-version": (("There is no version.", "缺少版本号。"), ("State one in [project].", "请在 [project] 中写明。")),
    "no-description": (
        ("There is no description.", "缺少说明。"),
        ("Say in one line what it adds.", "请用一行写明它增加了什么。"),
    ),
    "no-dependency": (
        ("The metadata do not depend on ima-skills.", "元数据中没有依赖 ima-skills。"),
        ('Add "ima-skills" to the dependencies.', "请在依赖中加入 ima-skills。"),
    ),
    "no-python": (
        ("The metadata do not say which Python it needs.", "元数据未说明所需的 Python 版本。"),
        ('Add requires-python = ">=3.11".', '请加上 requires-python = ">=3.11"。'),
    ),
    "byte-mark": (
        ("It begins with a byte-order mark, which build tools refuse.", "文件以字节顺序标记（BOM）开头，构建工具无法读取。"),
        ("Save it as UTF-8 without one.", "请另存为不带 BOM 的 UTF-8。"),
    ),
    "bad-version": (
        ("{value!r} is no version that an installer takes.", "{value!r} 不是安装工具认可的版本号。"),
        ("Write figures with dots, for instance 0.1.0.", "请写成以点分隔的数字，例如 0.1.0。"),
    ),
    "bad-python": (
        ("{value!r} does not say which Python it needs.", "{value!r} 没有说明所需的 Python 版本。"),
        ('Write for instance requires-python = ">=3.11".', '请写成例如 requires-python = ">=3.11"。'),
    ),
    "python-unmet": (
        ("{value} leaves out the Python that runs here, {running}: nobody with it could install the plugin.", "{value} 排除了当前运行的 Python {running}，使用它的人无法安装该插件。"),
        ("Name the oldest Python that the plugin works with.", "请写明插件支持的最低 Python 版本。"),
    ),
    "wheel-lacks": (
        ("The wheel lacks {what} ({count} files in all): it would be missing wherever it is installed.", "wheel 中缺少 {what}（共 {count} 个文件），安装后将无法使用。"),
        ("Let the build backend pack the data: package data, or what a .gitignore leaves out.", "请让构建后端打包数据文件：检查 package data 设置与 .gitignore。"),
    ),
    "wheel-fails": (
        ("The wheel cannot be built: {fault}.", "无法构建 wheel：{fault}。"),
        ("Try it: pip wheel --no-deps .", "请试运行：pip wheel --no-deps ."),
    ),
    "missing-file": (
        ("{value} is missing from the project.", "项目中缺少 {value}。"),
        ("Add it.", "请补上。"),
    ),
    "import-fails": (
        ("The module cannot be imported: {fault}.", "模块无法导入：{fault}。"),
        ("Nothing else could be looked at before this is mended.", "修好之前无法检验其余内容。"),
    ),
    "import-stops": (
        ("Importing the module did not come back.", "导入模块后进程没有返回。"),
        ("Do nothing at import but define hooks.", "导入时只应定义钩子。"),
    ),
    "import-network": (
        ("Importing it reaches for the network: {what}.", "导入时访问了网络：{what}。"),
        ("Do nothing at import but define hooks.", "导入时只应定义钩子。"),
    ),
    "import-writes": (
        ("Importing it writes files: {what}.", "导入时写入了文件：{what}。"),
        ("Write nothing at import.", "导入时请勿写入文件。"),
    ),
    "import-process": (
        ("Importing it starts a process: {what}.", "导入时启动了进程：{what}。"),
        ("Start nothing at import.", "导入时请勿启动进程。"),
    ),
    "import-slow": (
        ("Importing it takes {ms} ms; {most} ms is the most.", "导入耗时 {ms} 毫秒，上限为 {most} 毫秒。"),
        ("Move slow work and heavy imports into the functions that need them.", "请把耗时操作和大型导入移到需要它们的函数里。"),
    ),
    "import-prints": (
        ("Importing it prints something.", "导入时输出了内容。"),
        ("Print nothing: stdout belongs to the command.", "请勿输出，标准输出属于命令本身。"),
    ),
    "import-prints-key": (
        ("Importing it prints the API key.", "导入时输出了 API key。"),
        ("Never read or show the key.", "切勿读取或显示 key。"),
    ),
    "import-changes": (
        ("Importing it changes something around it: {what}.", "导入时改动了周围环境：{what}。"),
        ("Leave the process as it was.", "请保持进程原样。"),
    ),
    "import-depends": (
        ("What is imported depends on the machine or the moment: {what}.", "导入的结果取决于所在机器或时刻：{what}。"),
        ("Ask neither environment nor clock nor chance at import.", "导入时请勿读取环境变量、时钟或随机数。"),
    ),
    "import-heavy": (
        ("Importing it imports {what}.", "导入时连带导入了 {what}。"),
        ("Import {what} inside the function that needs it.", "请在需要它的函数内导入 {what}。"),
    ),
    "hook-unknown": (
        ("There is no hook called {place}; the plugin would be left out.", "没有名为 {place} 的钩子，插件会被排除。"),
        ("Correct its name.", "请更正名称。"),
    ),
    "hook-unmarked": (
        ("{place} has the name of a hook but not its mark, so it is never asked.", "{place} 与钩子同名却没有标记，永远不会被调用。"),
        ("Put @hookimpl before it.", "请在其前加上 @hookimpl。"),
    ),
    "hook-version": (
        ("The plugin would be left out: {fault}.", "该插件会被排除：{fault}。"),
        ("Correct ima_api, or leave it out.", "请更正或去掉 ima_api。"),
    ),
    "hook-deprecated": (
        ("{place} will not be there for ever: {fault}.", "{place} 将来会被移除：{fault}。"),
        ("Change it before the next major version; docs/stability.md says how.", "请在下个主版本之前修改，做法见 docs/stability.md。"),
    ),
    "hook-signature": (
        ("{place} takes what the hook does not give: {fault}.", "{place} 要求了钩子不提供的参数：{fault}。"),
        ("Take the documented arguments, or fewer.", "请只使用文档列出的参数，可以更少。"),
    ),
    "hook-async": (
        ("{place} is asynchronous; hooks are not.", "{place} 是异步函数，而钩子是同步的。"),
        ("Make it a plain function.", "请改为普通函数。"),
    ),
    "hook-raises": (
        ("{place} raises {fault}.", "{place} 抛出 {fault}。"),
        ("Answer None for what is not yours.", "与己无关时请返回 None。"),
    ),
    "hook-returns": (
        ("{place} returns a {returned}.", "{place} 返回了 {returned}。"),
        ("Return what docs/hooks.md says.", "请按 docs/hooks.md 返回。"),
    ),
    "hook-mutates": (
        ("{place} changes what it is given: {what}.", "{place} 改动了传入的参数：{what}。"),
        ("It works on a copy, so the change is lost; return what you want instead.", "传入的是副本，改动不会生效；请用返回值表达。"),
    ),
    "hook-names-nothing": (
        ("{place} names what is not there: {what}.", "{place} 提到了不存在的内容：{what}。"),
        ("Name a model or a task type that the registry has; ima-skills models list shows them.", "请使用注册表中已有的模型或任务类型，可用 ima-skills models list 查看。"),
    ),
    "hook-executor": (
        ("The executor of {place} does not hand every line to the work: {fault}.", "{place} 的执行器没有把每一行都交给任务：{fault}。"),
        ("Await the work for each line; docs/hooks.md shows one.", "请逐行等待任务完成，示例见 docs/hooks.md。"),
    ),
    "hook-network": (
        ("{place} reaches for the network: {what}.", "{place} 访问了网络：{what}。"),
        ("Hooks are pure; leave the network to the core.", "钩子应为纯函数，网络由核心负责。"),
    ),
    "hook-writes": (
        ("{place} writes files: {what}.", "{place} 写入了文件：{what}。"),
        ("Hooks are pure; write nothing.", "钩子应为纯函数，请勿写入。"),
    ),
    "hook-process": (
        ("{place} starts a process: {what}.", "{place} 启动了进程：{what}。"),
        ("Hooks are pure; start nothing.", "钩子应为纯函数，请勿启动进程。"),
    ),
    "hook-slow": (
        ("{place} takes {ms} ms; {most} ms is the most.", "{place} 耗时 {ms} 毫秒，上限为 {most} 毫秒。"),
        ("Answer at once.", "请立即返回。"),
    ),
    "hook-prints": (
        ("{place} prints something.", "{place} 输出了内容。"),
        ("Print nothing: stdout belongs to the command.", "请勿输出，标准输出属于命令本身。"),
    ),
    "hook-prints-key": (
        ("{place} prints the API key.", "{place} 输出了 API key。"),
        ("Never read or show the key.", "切勿读取或显示 key。"),
    ),
    "hook-differs": (
        ("{place} answers the same question in two ways: {what}.", "{place} 对同一问题给出了两种回答：{what}。"),
        ("Let the answer depend on the arguments alone.", "回答只应取决于参数。"),
    ),
    "hook-quotes": (
        ("{place} quotes the prompt or the key in what it says: {what}.", "{place} 在说明中引用了提示词或 key：{what}。"),
        ("Say which rule is broken and leave the words of the wish out.", "请只说明违反了哪条规则，不要引用用户的文字。"),
    ),
    "hook-unsteady": (
        ("{place} answers otherwise in a process with another hash seed, time zone and environment.", "换一个进程（哈希种子、时区与环境变量不同）后，{place} 的回答不同。"),
        ("Sort what comes out of a set, and let the answer depend on the arguments alone.", "请对集合中取出的内容排序，回答只应取决于参数。"),
    ),
    "modality-fails": (
        ("{place} fails: {fault}.", "{place} 出错：{fault}。"),
        ("Take whatever the service may send: facts may be missing.", "请处理服务可能返回的一切内容，各项信息都可能缺失。"),
    ),
    "hook-depends": (
        ("The answer of {place} depends on more than its arguments: {what}.", "{place} 的回答不只取决于参数：{what}。"),
        ("Leave environment, clock and chance alone: the same wish has the same answer.", "请勿读取环境变量、时钟或随机数，同一请求应得到同一回答。"),
    ),
    "hook-changes": (
        ("{place} leaves the process changed: {what}.", "{place} 改动了整个进程的状态：{what}。"),
        ("Leave the process as it was: it belongs to everybody in it.", "请保持进程原样，它不只属于这个插件。"),
    ),
    "hook-heavy": (
        ("{place} imports {what}, and it is asked on every road.", "{place} 连带导入了 {what}，而它每次都会被调用。"),
        ("Do without, or let a renderer or a command import it.", "请避免使用，或改在渲染器或命令里导入。"),
    ),
    "registry-clash": (
        ("{message}.", "{message}。"),
        ("Choose a name or an id that is free.", "请另选未被占用的名称或编号。"),
    ),
    "registry-overlap": (
        ("{message}.", "{message}。"),
        ("Let exactly one price hold for every choice.", "每种选择只应对应一个价格。"),
    ),
    "registry-unpriced": (
        ("{message}.", "{message}。"),
        ("Add a price for it, or drop the choice.", "请补上价格，或去掉该选项。"),
    ),
    "registry-evidence": (
        ("{message}.", "{message}。"),
        ("Say of each fact where it is known from.", "请写明每项事实的出处。"),
    ),
    "registry-missing-quirk": (
        ("{message}.", "{message}。"),
        ("Return it from ima_quirks, or do not name it.", "请在 ima_quirks 中返回它，或不要引用。"),
    ),
    "registry-text-missing": (
        ("{message}.", "{message}。"),
        ("Write it in that language, too.", "请补上该语言的文字。"),
    ),
    "registry-fault": (
        ("{message}.", "{message}。"),
        ("Correct it; registry/README.md explains the format.", "请更正，格式见 registry/README.md。"),
    ),
    "root-none": (
        ("{place} declares no folder, so nothing of the plugin's data is there.", "{place} 没有声明任何目录，插件的数据都不可用。"),
        ('Return the folder: (files(__name__) / "registry",), or leave the hook out.', '请返回目录，例如 (files(__name__) / "registry",)，或去掉这个钩子。'),
    ),
    "root-missing": (
        ("{what} is no folder, so nothing of it is there.", "{what} 不是目录，其中的内容都不可用。"),
        ("Correct its name, and see that the distribution brings it.", "请更正名称，并确认发行包中包含它。"),
    ),
    "root-empty": (
        ("{what} holds no files of the kind that {place} declares.", "{what} 中没有 {place} 所声明的文件。"),
        ("Put them there, and see that the distribution brings them.", "请放入文件，并确认发行包中包含它们。"),
    ),
    "registry-left-out": (
        ("The folder or what it declares is left out: {fault}.", "该目录或其声明的内容被排除：{fault}。"),
        ("Mend this first: without it none of its models is there.", "请先修复，否则其中的模型都不可用。"),
    ),
    "registry-lost": (
        ("The name {place!r} does not lead to its model.", "名称 {place!r} 找不到对应的模型。"),
        ("Choose a name that no other model has.", "请选一个其他模型没有的名称。"),
    ),
    "no-schema": (
        ("The task type {place} has no request schema, so no request can be checked.", "任务类型 {place} 没有请求 schema，无法检查请求。"),
        ("Add request/{place}.schema.json to a schema root.", "请在 schema 目录中加入 request/{place}.schema.json。"),
    ),
    "no-task-type": (
        ("The modality names the task type {place}, and no task_types.toml describes it.", "模态声明了任务类型 {place}，但 task_types.toml 中没有它。"),
        ("Describe it there.", "请在其中补充说明。"),
    ),
    "schema-strange": (
        ("The schema of {place} is not one that {what}.", "{place} 的 schema 未能做到：{what}。"),
        ("Start from schemas/request/text_to_image.schema.json.", "请以 schemas/request/text_to_image.schema.json 为起点。"),
    ),
    "words-missing": (
        ("{place} is missing in: {missing}.", "{place} 缺少以下语言：{missing}。"),
        ("Write it in English and Chinese.", "请用英文和中文各写一份。"),
    ),
    "words-unspoken": (
        ("People cannot be told in {place}: {fault}.", "无法用 {place} 告知用户：{fault}。"),
        ("Correct the message files.", "请更正消息文件。"),
    ),
    "quirk-mutates": (
        ("{place} changes what it is given.", "{place} 改动了传入的值。"),
        ("Return a changed copy: attrs.evolve(value, …).", "请返回修改后的副本：attrs.evolve(value, …)。"),
    ),
    "quirk-answers-differ": (
        ("{place} answers the same question in two ways.", "{place} 对同一输入给出了两种结果。"),
        ("Let the answer depend on the arguments alone.", "结果只应取决于参数。"),
    ),
    "quirk-not-idempotent": (
        ("{place} done twice is not what it is done once.", "{place} 执行两次与执行一次的结果不同。"),
        ("Look whether it is done already: a retry does it again.", "请先判断是否已处理，重试时会再次执行。"),
    ),
    "quirk-silent-change": (
        ("{place} changes what was asked for and says nothing of it.", "{place} 改动了用户要求的内容，却没有说明。"),
        ("Record it as a Change: requested, applied and why.", "请用 Change 记录：原要求、实际值和原因。"),
    ),
    "quirk-raises": (
        ("{place} fails: {fault}.", "{place} 失败：{fault}。"),
        ("Take every legal wish: any prompt, each choice of the form, a parameter that is missing.", "请处理所有合法请求：任意提示词、表单的每个选项，以及参数缺失的情况。"),
    ),
    "quirk-network": (
        ("{place} reaches for the network: {what}.", "{place} 访问了网络：{what}。"),
        ("Quirks are pure; leave the network to the core.", "适配应为纯函数，网络由核心负责。"),
    ),
    "quirk-writes": (
        ("{place} writes files: {what}.", "{place} 写入了文件：{what}。"),
        ("Quirks are pure; write nothing.", "适配应为纯函数，请勿写入。"),
    ),
    "quirk-process": (
        ("{place} starts a process: {what}.", "{place} 启动了进程：{what}。"),
        ("Quirks are pure; start nothing.", "适配应为纯函数，请勿启动进程。"),
    ),
    "quirk-prints": (
        ("{place} prints {what}.", "{place} 输出了内容：{what}。"),
        ("Print nothing: stdout belongs to the command.", "请勿输出，标准输出属于命令本身。"),
    ),
    "quirk-prints-key": (
        ("{place} prints the API key.", "{place} 输出了 API key。"),
        ("Never read or show the key.", "切勿读取或显示 key。"),
    ),
    "quirk-unsteady": (
        ("{place} comes to another result in a process with another hash seed, time zone and environment.", "换一个进程（哈希种子、时区与环境变量不同）后，{place} 的结果不同。"),
        ("Sort what comes out of a set, and let the result depend on the arguments alone.", "请对集合中取出的内容排序，结果只应取决于参数。"),
    ),
    "quirk-depends": (
        ("The result of {place} depends on more than its arguments: {what}.", "{place} 的结果不只取决于参数：{what}。"),
        ("Leave environment, clock and chance alone: the same wish has the same result.", "请勿读取环境变量、时钟或随机数，同一请求应得到同一结果。"),
    ),
    "quirk-changes": (
        ("{place} leaves the process changed: {what}.", "{place} 改动了整个进程的状态：{what}。"),
        ("Leave the process as it was: it belongs to everybody in it.", "请保持进程原样，它不只属于这个插件。"),
    ),
    "quirk-order-matters": (
        ("{place} and {other} come to different ends in another order.", "{place} 与 {other} 的先后顺序会影响结果。"),
        ("Let each look at parameters of its own, or make one of the two.", "请让两者各管各的参数，或合二为一。"),
    ),
    "price-refused": (
        ("What the form offers is refused: {fault}.", "表单提供的选择被拒绝：{fault}。"),
        ("Price it, or do not offer it.", "请为其定价，或不要提供。"),
    ),
    "price-not-accepted": (
        ("The sandbox does not accept it: {fault}.", "沙盒不接受：{fault}。"),
        ("Compare form and prices of the offer.", "请核对表单与价格。"),
    ),
    "price-differs": (
        ("{quoted} points were quoted and {charged} charged.", "报价 {quoted} 积分，实际扣除 {charged} 积分。"),
        ("Compare form and prices of the offer.", "请核对表单与价格。"),
    ),
    "start-imports": (
        ("The plugin is imported where nobody needs it.", "不需要时也会导入该插件。"),
        ("Do not use .pth files or site hooks.", "请勿使用 .pth 文件或 site 钩子。"),
    ),
    "start-slow": (
        ("It adds {ms} ms of CPU to {what}; {most} ms is the most.", "它为 {what} 增加 {ms} 毫秒 CPU，上限为 {most} 毫秒。"),
        ("Move slow work and heavy imports into the functions that need them.", "请把耗时操作和大型导入移到需要它们的函数里。"),
    ),
    "not-contained": (
        ("When {place} {what}, the core does not go on as it should.", "{place} 出错（{what}）时，核心未能照常运行。"),
        ("This is a fault of ima-skills; please report it.", "这是 ima-skills 的缺陷，请反馈。"),
    ),
    "renderer-breaks": (
        ("A renderer of {place} breaks: {fault}.", "{place} 的渲染器出错：{fault}。"),
        ("Render every prompt; raise RenderError for a job that is out of reach.", "请处理任何提示词；无法完成的任务请抛出 RenderError。"),
    ),
    "example-fails": (
        ("An example request fails: {fault}.", "示例请求失败：{fault}。"),
        ("Try it: ima-skills create … --sandbox", "请试运行：ima-skills create … --sandbox"),
    ),
    "example-format": (
        ("The result is {found}; the modality declares {formats}.", "结果格式为 {found}，模态声明的是 {formats}。"),
        ("Correct media_kind or the formats of the modality.", "请更正 media_kind 或模态的格式。"),
    ),
    "example-media": (
        ("The result cannot be decoded: {fault}.", "结果无法解码：{fault}。"),
        ("Correct what makes the media.", "请更正生成媒体的部分。"),
    ),
    "hangs": (
        ("{place} does not come back within {seconds:g} s{given}.", "{place} 在 {seconds:g} 秒内没有返回{given}。"),
        ("Answer at once: nobody can interrupt it.", "请立即返回，外部无法中断它。"),
    ),
    "dies": (
        ("{place} ends the whole process{given}.", "{place} 使整个进程退出{given}。"),
        ("Never end a process that is not yours.", "切勿结束不属于自己的进程。"),
    ),
    "breaks": (
        ("What is checked here breaks: {fault}.", "检验在此中断：{fault}。"),
        ("Mend what is named above first.", "请先修复前面指出的问题。"),
    ),
    "strays": (
        ("At work, the plugin does what it must not: {what}.", "运行中做了不允许的事：{what}。"),
        ("Leave network, files and processes to the core.", "网络、文件和进程请交给核心。"),
    ),
})  # fmt: skip
