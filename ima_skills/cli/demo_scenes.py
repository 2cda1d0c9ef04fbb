"""What the demo makes: one scene per thing that the service can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.domain.task_type import Text


@frozen
class Scene:
    """One thing to make.

    Attributes:
        key: Name of the scene and stem of its files.
        title: What people read.
        task_type: The task type.
        model: The model.
        prompt: The prompt in both languages.
        params: Parameters.
        inputs: Scenes whose first file is an input, in order.
    """

    key: str
    title: Text
    task_type: str
    model: str
    prompt: Text
    params: Mapping[str, Any] = field(factory=dict)
    inputs: tuple[str, ...] = ()


_ENGLISH = (
    "Welcome. Everything you see and hear on this page was made by one command, without spending a point."
)
_CHINESE = "欢迎。这个页面上的图片、视频和声音，都由一条命令生成，没有消耗任何积分。"

SCENES: tuple[Scene, ...] = (
    Scene(
        key="picture",
        title=Text("A picture from text", "文生图"),
        task_type="text_to_image",
        model="seedream-4.5",
        prompt=Text(
            "A lighthouse on a rocky coast at dusk, warm light on the waves",
            "黄昏时分礁石海岸上的灯塔，暖光映在海浪上",
        ),
        params={"aspect_ratio": "16:9"},
    ),
    Scene(
        key="restyled",
        title=Text("The same picture in another style", "图生图：换一种风格"),
        task_type="image_to_image",
        model="seedream-4.5",
        prompt=Text("The same scene as a watercolour in winter", "同一场景，冬日水彩风格"),
        params={"aspect_ratio": "16:9"},
        inputs=("picture",),
    ),
    Scene(
        key="video",
        title=Text("A video from text", "文生视频"),
        task_type="text_to_video",
        model="wan-2.6",
        prompt=Text(
            "Waves roll towards the shore, the camera glides over the water",
            "海浪涌向岸边，镜头掠过水面",
        ),
        params={"resolution": "720P", "duration": 5},
    ),
    Scene(
        key="alive",
        title=Text("The picture comes to life", "图生视频：让图片动起来"),
        task_type="image_to_video",
        model="wan-2.6",
        prompt=Text("The light of the lighthouse begins to turn", "灯塔的光开始转动"),
        params={"resolution": "720P", "duration": 5},
        inputs=("picture",),
    ),
    Scene(
        key="between",
        title=Text("From a first to a last frame", "首尾帧生视频"),
        task_type="first_last_frame_to_video",
        model="kling-o1",
        prompt=Text("Summer turns into winter", "由夏入冬"),
        params={"quality": "720p", "duration": 5},
        inputs=("picture", "restyled"),
    ),
    Scene(
        key="guided",
        title=Text("A video guided by a reference", "参考生视频"),
        task_type="reference_image_to_video",
        model="kling-o1",
        prompt=Text("A boat passes the same lighthouse", "一艘船驶过同一座灯塔"),
        params={"quality": "720p", "duration": 5},
        inputs=("picture",),
    ),
    Scene(
        key="song",
        title=Text("A song", "歌曲"),
        task_type="text_to_music",
        model="suno",
        prompt=Text("A calm folk song about the sea, 96 BPM", "关于大海的舒缓民谣，96 BPM"),
    ),
    Scene(
        key="background",
        title=Text("Background music", "背景音乐"),
        task_type="text_to_music",
        model="doubao-bgm",
        prompt=Text(
            "Quiet ambient music for an evening by the sea, 72 BPM", "海边傍晚的安静氛围音乐，72 BPM"
        ),
    ),
    Scene(
        key="speech-english",
        title=Text("Speech in English", "英文语音"),
        task_type="text_to_speech",
        model="seed-tts-2.0",
        prompt=Text(_ENGLISH, _ENGLISH),
    ),
    Scene(
        key="speech-chinese",
        title=Text("Speech in Chinese", "中文语音"),
        task_type="text_to_speech",
        model="seed-tts-2.0",
        prompt=Text(_CHINESE, _CHINESE),
    ),
)
