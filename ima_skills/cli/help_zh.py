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
    "What to do about a file that is there already.": "目标文件已存在时：跳过、改名或覆盖。",
    "Take input files from this folder only; else IMA_INPUT_ROOT.": "只允许使用该目录内的素材；默认读取 IMA_INPUT_ROOT。",
    "Refuse to spend more than this; else IMA_MAX_POINTS.": "积分上限，超出则不发送；默认读取 IMA_MAX_POINTS。",
    "Show price and payload; send nothing that costs.": "只显示价格和请求内容，不发送任何收费请求。",
    "Move impossible values to the nearest or cheapest possible one, and report it.": (
        "把不支持的值改为最接近（nearest）或最便宜（cheapest）的可用值，并予以说明。"
    ),
    "Never make a refused job smaller to get it accepted.": "任务被拒绝时，绝不自动降低规格重试。",
    "Stop waiting after this time; the task goes on.": "超过该秒数后停止等待，任务会继续进行。",
    "Return as soon as the task is created.": "任务创建后立即返回。",
    "Agree to the price, whatever it is; caps still hold.": "同意任何价格；积分上限仍然有效。",
    "Make another one although the same job is under way.": "即使相同任务正在进行，也再做一个。",
    "Send a job once more whose outcome is unknown; it may be paid twice.": (
        "重新发送结果未知的任务；可能会重复扣除积分。"
    ),
    "Write the prompt into the journal too.": "同时把提示词写入记录。",
    "On whose behalf, for receipts and caps; else IMA_USER_ID.": "代表哪位用户，用于账单和上限；默认读取 IMA_USER_ID。",
    # the journal
    "List the jobs that are under way or of unknown outcome.": "列出进行中或结果未知的任务。",
    "Every job of the journal.": "列出记录中的全部任务。",
    "The sandbox's jobs instead of the real ones.": "查看沙盒任务，而不是真实任务。",
    "Stop caring for the job ID; its receipt stays.": "不再跟踪任务 ID；账单仍会保留。",
    "Finish everything outstanding: wait, download, mark.": "收取所有未完成的任务：等待、下载并标记。",
    "Save the files here; else in the folder that each job was given.": "将文件保存到这里；默认保存到各任务指定的目录。",
    "Stop waiting after this time; the tasks go on.": "超过该秒数后停止等待，任务会继续进行。",
    "Add up the points that were spent.": "统计已消耗的积分。",
    "Add up the points that were spent from this machine.": "统计本机消耗的积分。",
    "From this day on, or the last so many days with today.": "从该日期起，或最近若干天（含今天）。",
    "Add up each by itself too.": "同时分项统计。",
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
    # batch
    "Run many requests from a file.": "按文件批量生成。",
    "Run every line of JOBS, one JSON object each. Run it again to go on where it ended.": "运行 JOBS 文件中的每一行（每行一个 JSON 对象）。再次运行会从中断处继续。",
    "Folder for results and media.": "结果与媒体文件的目录。",
    "Most lines at once.": "同时进行的最大行数。",
    "Leave the media at the service.": "不下载媒体文件。",
    # login
    "Keep an API key in the system's keyring.": "将 API 密钥保存到系统钥匙串。",
    "Drop the API key from the system's keyring.": "从系统钥匙串中移除 API 密钥。",
    "Keep an API key in the system's keyring; it is asked for, or read from standard input.": "将 API 密钥保存到系统钥匙串；可交互输入，或从标准输入读取。",
    "Keep it without asking the service whether it is good.": "直接保存，不向服务端验证。",
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
    "Wait until the task ID ends; several with --brief.": "等待任务 ID 结束；加上 --brief 可等待多个。",
    "Print nothing until the end, then one short line per task.": "结束前不输出任何内容，结束后每个任务输出一行简短结果。",
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
