"""The help texts in Chinese; the English texts, on one line each, are the keys."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HELP: Mapping[str, str] = MappingProxyType({
    # headings
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Show this message and exit.": "显示本帮助。",
    "Show the version and exit.": "显示版本号。",
    # the command itself
    "Images, videos, music and speech through the IMA Open API. Try everything offline and for no points with"
    " --sandbox. Every command takes --json.": "通过 IMA Open API 生成图片、视频、音乐和语音。"
    "\n\n加上 --sandbox 即可离线体验，不消耗积分。每个命令都支持 --json。",
    "Make images, videos, music or speech.": "生成图片、视频、音乐或语音。",
    "List models and show what they offer.": "列出模型，查看模型能力。",
    "Look at a task or wait for it.": "查看任务，或等待任务完成。",
    "Make a gallery on the sandbox; spends nothing.": "在沙盒中生成一个作品集，不消耗积分。",
    "Serve the offline sandbox, or look after it.": "启动离线沙盒，或管理其状态。",
    "List plugins and what became of them.": "列出插件及其状态。",
    "Check this installation.": "检查本机安装。",
    "Print a script for shell completion.": "输出命令行自动补全脚本。",
    # create
    "Make images, videos, music or speech from PROMPT. Spends points unless --sandbox or --dry-run is given.": (
        "根据 PROMPT（提示词）生成图片、视频、音乐或语音。除非加上 --sandbox 或 --dry-run，否则会消耗积分。"
    ),
    "What to make; without inputs it follows from the model, else text_to_image.": (
        "任务类型；没有素材时由模型推断，默认 text_to_image。"
    ),
    "Id, name or alias; name@version is one version. Else the default model.": (
        "模型编号、名称或别名；“名称@版本”指定某一版本。不填则用默认模型。"
    ),
    "One version of the model.": "指定模型的某一版本。",
    "An input file or https address, in order; may be repeated.": "素材文件或 https 地址，按顺序，可重复。",
    "A parameter; may be repeated.": "一个参数，可重复。",
    "Parameters as one JSON object.": "以 JSON 对象给出参数。",
    "Number of outputs.": "生成数量。",
    "Short for -p size=SIZE.": "等同于 -p size=SIZE。",
    "Read the prompt from a file or standard input.": "从文件或标准输入读取提示词。",
    "Save the files in this folder.": "将文件保存到该目录。",
    "Refuse to spend more than this; else IMA_MAX_POINTS.": "积分上限，超出则不发送；默认读取 IMA_MAX_POINTS。",
    "Show price and payload; send nothing that costs.": "只显示价格和请求内容，不发送任何收费请求。",
    "Move impossible values to the nearest or cheapest possible one, and report it.": (
        "把不支持的值改为最接近（nearest）或最便宜（cheapest）的可用值，并予以说明。"
    ),
    "Never make a refused job smaller to get it accepted.": "任务被拒绝时，绝不自动降低规格重试。",
    "Stop waiting after this time; the task goes on.": "超过该秒数后停止等待，任务会继续进行。",
    "Return as soon as the task is created.": "任务创建后立即返回。",
    # advice, search, drift
    "Say who can grant a wish, and for how many points.": "说明哪个模型能满足需求、需要多少积分。",
    "Check registry files, and compare them with the service.": "检查注册表文件，并与服务端比对。",
    "Say whether a wish can be granted, by whom and for how many points; offline, spends nothing.": "离线判断需求能否满足、由哪个模型完成、需要多少积分；不消耗积分。",
    "What to make.": "任务类型。",
    "The model; else the default one.": "模型，不填则用默认模型。",
    "Find models by words and by what they can do, priced for exactly that.": "按关键词和能力查找模型，并给出对应价格。",
    "Only this tier.": "只看该档次。",
    "Draws this ratio.": "支持该画幅比例。",
    "Makes this length.": "支持该时长。",
    "Makes this resolution, for instance 1080p.": "支持该分辨率，例如 1080p。",
    "Draws this size, for instance 4K.": "支持该尺寸，例如 4K。",
    "With sound, or without.": "带声音，或不带声音。",
    "Costs at most this.": "积分不超过该值。",
    "Show the models that are taken when none is named.": "显示未指定模型时采用的模型。",
    "Compare our dated copy with the service's product list; exits with 1 when they differ.": "将本地带日期的副本与服务端产品列表比对；有差异时退出码为 1。",
    "A saved answer of the product list; else the live list is asked.": "已保存的产品列表；不填则查询线上列表。",
    "Ask the live list; the default without --product-list.": "查询线上列表；未给出 --product-list 时的默认行为。",
    # shared options
    "Work on the offline sandbox; spends nothing. Also IMA_SANDBOX=1.": (
        "使用离线沙盒，不消耗积分。也可设置 IMA_SANDBOX=1。"
    ),
    "Seconds of the sandbox that pass in one second.": "沙盒的时间倍速。",
    "Where the service is; else IMA_BASE_URL.": "服务地址；默认读取 IMA_BASE_URL。",
    "Where uploads go; else IMA_UPLOAD_BASE_URL.": "上传地址；默认读取 IMA_UPLOAD_BASE_URL。",
    "Discouraged: others can see it. Prefer IMA_API_KEY.": "不推荐：可能被他人看到，请优先使用 IMA_API_KEY。",
    "Leave out a plugin; may be repeated.": "停用一个插件，可重复。",
    "Leave out every plugin of others.": "停用所有第三方插件。",
    "Language of messages and labels; else IMA_LANGUAGE, else the locale's.": (
        "提示与标签的语言；默认读取 IMA_LANGUAGE，其次为系统语言。"
    ),
    "Print exactly one JSON document on stdout.": "在标准输出中只打印一个 JSON 文档。",
    # models
    "List the models that can be booked, with prices.": "列出可用模型及价格。",
    "Show everything that is known of the model NAME.": "显示模型 NAME 的全部信息。",
    "Only this task type.": "只看该任务类型。",
    "Answer from the registry's dated copy of the list.": "使用注册表中带日期的离线列表。",
    "Retired models too, and those the list lacks.": "同时列出已下线以及列表中没有的模型。",
    # tasks
    "Look at the task ID once.": "查看任务 ID 的当前状态。",
    "Wait until the task ID ends.": "等待任务 ID 结束。",
    "What the task makes; else the service is asked.": "任务类型；不填则向服务查询。",
    # demo
    "Make pictures, videos, music and speech on the sandbox, and a gallery that shows them. Spends nothing.": (
        "在沙盒中生成图片、视频、音乐和语音，并制作展示页面。不消耗积分。"
    ),
    "Folder of the gallery.": "作品集目录。",
    "Make only this scene and what it needs; may be repeated.": "只生成该场景及其所需内容，可重复。",
    # sandbox
    "Serve the sandbox on this machine until stopped; prints one JSON line when it is ready.": (
        "在本机启动沙盒服务直到被停止；就绪后打印一行 JSON。"
    ),
    "Address to serve on.": "监听地址。",
    "Port; 0 takes a free one.": "端口；0 表示任选空闲端口。",
    "A TOML file that says what goes wrong.": "描述故障的 TOML 场景文件。",
    "Balance of a new account.": "新账户的积分余额。",
    "The one key that is accepted; else ima_sandbox.": "唯一有效的密钥；默认 ima_sandbox。",
    "Let other machines in; needs --confirm-remote too.": "允许其他机器访问；还需同时加上 --confirm-remote。",
    "Say it the second time.": "再次确认对外开放。",
    "Folder of its account, tasks and files; else the one of --sandbox.": (
        "账户、任务和文件所在目录；默认与 --sandbox 相同。"
    ),
    "Show how many points the sandbox's account has left.": "显示沙盒账户剩余积分。",
    "Forget the sandbox's account, tasks and files.": "清空沙盒的账户、任务和文件。",
    # plugins, registry, doctor, completion
    "List plugins with their state, hooks and faults.": "列出插件的状态、钩子和故障。",
    "Check all registry files, or also those at PATH (a registry folder or one model file).": (
        "检查所有注册表文件；也可指定 PATH（注册表目录或单个模型文件）。"
    ),
    "Check this installation; exits with 6 when it does not work.": "检查本机安装；无法工作时退出码为 6。",
    "Ask the service for a product list too; spends nothing.": "同时向服务查询产品列表，不消耗积分。",
    'Print a completion script for SHELL. For instance: eval "$(ima-skills completion bash)"': (
        '输出 SHELL 的自动补全脚本。例如：eval "$(ima-skills completion bash)"'
    ),
})  # fmt: skip
