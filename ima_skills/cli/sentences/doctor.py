"""Sentences of ``doctor``: its words, what a check found, and what to do about it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "doctor.ok": ("ok", "正常"),
    "doctor.warning": ("note", "注意"),
    "doctor.failed": ("FAILED", "失败"),
    "doctor.healthy": ("Everything that is needed works.", "所需功能一切正常。"),
    "doctor.ill": ("Something that is needed does not work.", "有必需的功能无法工作。"),
    # what a check found
    "doctor.fact": ("{fact}", "{fact}"),
    "doctor.no-command": ("ima-skills is not on PATH", "PATH 中找不到 ima-skills"),
    "doctor.no-key": ("not set", "未设置"),
    "doctor.key": ("set", "已设置"),
    "doctor.hosts": ("{service}, uploads {uploads}", "{service}，上传 {uploads}"),
    "doctor.extras": ("{there}; not installed: {missing}", "{there}；未安装：{missing}"),
    "doctor.no-extras": ("missing: {missing}", "缺少：{missing}"),
    "doctor.registry": ("{models} models in {files} files", "{files} 个文件，{models} 个模型"),
    "doctor.registry-faults": ("{count} faults", "{count} 个问题"),
    "doctor.no-pictures": ("pictures cannot be drawn", "无法绘制图片"),
    "doctor.no-font": ("none found", "未找到"),
    "doctor.no-write": ("not used, because of IMA_NO_WRITE=1", "因 IMA_NO_WRITE=1 不使用"),
    "doctor.without-others": (
        "{there}; those of others are left out as long as the settings cannot be read",
        "{there}；在设置可以读取之前，不加载第三方插件",
    ),
    "doctor.no-config": ("no {path}: the usual settings", "没有 {path}，使用默认设置"),
    "doctor.bad-prefs": ("{path} cannot be understood", "{path} 的内容无法识别"),
    "doctor.no-prefs": ("none yet", "尚无"),
    "doctor.no-journal": ("none yet", "尚无"),
    "doctor.logs": ("{folder}, level {level}", "{folder}，级别 {level}"),
    "doctor.courier": ("a create survives the end of its command", "命令中途退出也不会丢失已提交的任务"),
    "doctor.no-courier": ("no second process can be started", "无法启动第二个进程"),
    "doctor.no-sandbox": ("cannot render", "无法生成作品"),
    "doctor.sandbox": ("{model} made a picture of {size} bytes", "{model} 生成了一张 {size} 字节的图片"),
    "doctor.service": ("answers, with {count} models for text_to_image", "有响应，text_to_image 有 {count} 个模型"),
    # what to do
    "doctor.python": ("Install Python 3.11 or newer.", "请安装 Python 3.11 或更新版本。"),
    "doctor.install": ("Install {names}.", "请安装 {names}。"),
    "doctor.add-path": ("Add {folder} to PATH. {hosts}", "请把 {folder} 加入 PATH。{hosts}"),
    "doctor.install-command": (
        "Install it with: uv tool install ima-skills. {hosts}",
        "安装命令：uv tool install ima-skills。{hosts}",
    ),
    "doctor.service-path": (
        "A host that runs as a service may not look in {folder}. {hosts}",
        "以系统服务方式运行的宿主可能不会查找 {folder}。{hosts}",
    ),
    "doctor.open-claw": (
        "In OpenClaw, name the folder in tools.exec.pathPrepend.",
        "在 OpenClaw 中，请把该目录写入 tools.exec.pathPrepend。",
    ),
    "doctor.make-key": ("Create one at {page} and set IMA_API_KEY.", "请在 {page} 创建密钥，并设置 IMA_API_KEY。"),
    "doctor.pip-sandbox": ("pip install 'ima-skills[sandbox]'", "pip install 'ima-skills[sandbox]'"),
    "doctor.leave-out": (
        "Leave it out with --disable-plugin, or set IMA_SKILLS_NO_THIRD_PARTY=1.",
        "可用 --disable-plugin 停用它，或设置 IMA_SKILLS_NO_THIRD_PARTY=1。",
    ),
    "doctor.check-registry": ("Run: ima-skills registry check", "请运行：ima-skills registry check"),
    "doctor.font": (
        "Install a CJK font (fonts-noto-cjk) to see Chinese text on sandbox pictures.",
        "请安装中文字体（fonts-noto-cjk），沙盒图片才能显示中文。",
    ),
    "doctor.writable": ("Set IMA_HOME to a folder that can be written.", "请把 IMA_HOME 设为可写的目录。"),
    "doctor.mend-prefs": (
        "Saved models do not count until it is mended; the next one that is saved puts it aside and begins anew.",
        "修复之前，常用模型不生效；下次保存常用模型时，该文件会被另存并重新建立。",
    ),
    "doctor.mend-journal": (
        "Nothing is spent without it. Update ima-skills if a later version wrote it; else put a sound copy in its place, or begin a new one with: ima-skills tasks new-journal",
        "没有记录就不会扣积分。若由更新版本写入，请升级 ima-skills；否则请恢复完好的备份，或新建记录：ima-skills tasks new-journal",
    ),
    "doctor.no-sandbox-state": ("none yet", "尚无"),
    "doctor.mend-sandbox": (
        "The sandbox does not start with it; begin afresh with: ima-skills sandbox reset",
        "沙盒因此无法启动；请清空后重新开始：ima-skills sandbox reset",
    ),
    "doctor.careful": (
        "Creates leave from the command itself: do not kill it while one is on its way.",
        "任务由命令自身提交：提交过程中请勿强行结束命令。",
    ),
    "doctor.debug": (
        "Set IMA_DEBUG=1 and run the command that fails.",
        "请设置 IMA_DEBUG=1，再运行出错的命令。",
    ),
})  # fmt: skip
