"""Rules of understanding, each with what it must not take in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.route import Route
    from ima_skills.routing.understanding import Router

    Understood = Callable[[dict[str, Any]], Route]


@pytest.mark.parametrize(
    ("wish", "said", "params"),
    [
        (
            "播报：前方到站人民广场。温柔女声，语速0.9",
            "前方到站人民广场。",
            {"voice": "female", "speed": 0.9},
        ),
        ("配音：双十一大促开始啦！甜美一点的女声", "双十一大促开始啦！", {"voice": "female"}),
        ("tts: Mind the gap. British male voice", "Mind the gap.", {"voice": "male"}),
        ("read aloud: She ran. He followed. Calm lady", "She ran. He followed.", {"voice": "female"}),
        ("朗读：门关上了。屋里传来女声", "门关上了。屋里传来女声", {}),
        ("念：他回头一看。是个男声", "他回头一看。是个男声", {}),
        ("read: Stop! said the male voice.", "Stop! said the male voice.", {}),
        ("say: I met a nice young lady.", "I met a nice young lady.", {}),
    ],
)
def test_a_last_sentence_names_the_voice(
    router: Router, wish: str, said: str, params: dict[str, Any]
) -> None:
    """A short last sentence that is a voice sets it, though its adjectives are unknown; a told voice is text."""
    found = router.route(wish)
    assert (found.prompt, found.params) == (said, params)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("播客片头念白：这里是《深夜》，我是阿凯。男声", "这里是《深夜》，我是阿凯。"),
        ("念：他说“你好”，然后走了", "他说“你好”，然后走了"),
        ("念：《静夜思》，床前明月光", "《静夜思》，床前明月光"),
        ("念：“你好”", "你好"),
        ('read: "hi" in a female voice', "hi"),
        ("a calm female voice saying welcome home, wipe your feet", "welcome home, wipe your feet"),
        ("把下面这两句念出来，女声，慢一点：小荷才露尖尖角", "小荷才露尖尖角"),
        ("I would like the pattern read to me slowly by a lady: Knit two.", "Knit two."),
        ("念慢一点：你好", "你好"),
    ],
)
def test_all_that_is_to_be_said(router: Router, wish: str, said: str) -> None:
    """What stands behind the colon is said whole, also where a part of it is quoted; a quotation alone is said alone."""
    found = router.route(wish)
    assert (found.task_type, found.prompt) == ("text_to_speech", said)


@pytest.mark.parametrize(
    ("wish", "model"),
    [
        ("surfing dog video 8s veo", "veo-3.1-generate-preview"),
        ("雪山日出视频 sora 1080p", "sora-2-pro"),
        ("vid of a cat in space 6s kling 9:16", "kling-video-o1"),
        ("a portrait of Sora 4k", None),
        ("photo of a banana 4k", None),
        ("桌上的香蕉 4k 壁纸", None),
        ("沙滩上的海螺 竖屏 视频", None),
        ("a video of Kling the robot dancing 8s", None),
        ("30秒bgm，轻松", None),
    ],
)
def test_a_name_among_settings(router: Router, wish: str, model: str | None) -> None:
    """A name that is a word too means a model in a row of settings, never behind "of"."""
    assert router.route(wish).model_id == model


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        ("头像 可爱 六张", 6),
        ("插图再来两张", 2),
        ("做个带货视频，两条", 2),
        ("for the fair we need three posters", 3),
        ("海报上有三张脸", 1),
        ("海报里画两张桌子", 1),
        ("溪里的鱼，三条，插画", 1),
        ("展示两张照片的海报", 1),
        ("a poster of three photos on a wall", 1),
    ],
)
def test_counts(router: Router, wish: str, count: int) -> None:
    """A count of its own counts what is made; one within a phrase tells what is shown."""
    assert router.route(wish).n == count


@pytest.mark.parametrize(
    ("wish", "params"),
    [
        ("photo of a cat 4k", {"size": "4K"}),
        ("video of a goat 9:16 under a roof 10 s", {"aspect_ratio": "9:16", "duration": 10}),
        ("four square icons", {"aspect_ratio": "1:1"}),
        ("times square at night, photo", {}),
        ("video of a fountain in the square", {}),
        ("product photo, potrait", {"aspect_ratio": "9:16"}),
        ("朗读，语速一点二，音量零点七五：你好", {"speed": 1.2, "volume": 0.75}),
        ("song, tags: dark, 80s 45 sec", {"tags": "dark, 80s", "duration": 45}),
        ("poster of a band, red dress, young ladies", {}),
        ("一样的，要竖屏", {"aspect_ratio": "9:16"}),
        ("换成4k", {}),
    ],
)
def test_settings(router: Router, wish: str, params: dict[str, Any]) -> None:
    """Settings begin at words, hide no others, and are kept while the media is open if every media takes them alike."""
    assert router.route(wish).params == params


@pytest.mark.parametrize(
    ("wish", "images", "kinds"),
    [
        ("make the windmill turn", 1, ["image_to_video"]),
        ("make the car turn red", 1, ["image_to_image"]),
        ("here's a photo of my nana, make her smile", 1, ["image_to_video"]),
        ("make a picture of my dog running", 1, ["image_to_image"]),
        ("poster of my dog with a moving van", 1, ["image_to_image"]),
        ("can you make him wave and say hi", 1, ["image_to_video"]),
        ("make it say Happy Birthday Tom", 1, ["image_to_image"]),
        ("瀑布流下来，8秒", 1, ["image_to_video"]),
        ("高清一点", 1, ["image_to_image"]),
        ("put the hat in picture one on the man in picture two", 2, ["image_to_image"]),
        ("把背景换成海边，然后让她动起来", 1, ["image_to_image", "image_to_video"]),
        ("change the sky to sunset, then animate it", 1, ["image_to_image", "image_to_video"]),
        ("做个视频，她换上红裙然后转起来", 1, ["image_to_video"]),
        ("make a video: she changes into a red dress then starts dancing", 1, ["image_to_video"]),
        ("draw a fox, then animate the picture", 0, ["text_to_image", "image_to_video"]),
        ("animate a flying dragon", 0, ["text_to_video"]),
        ("photo of a golden retriever for my website", 0, ["text_to_image"]),
        ("我喜欢mj，以后图都用它。来一张白鹤", 0, ["text_to_image"]),
        ("我的毕业歌！男声", 0, ["text_to_music"]),
        ("这首歌真好听", 0, [None]),
        ("what models do you have for video?", 0, [None]),
        ("make an infographic about how many points a touchdown is worth", 0, ["text_to_image"]),
        ("need it in hd", 1, [None]),
        ("draw a bird, and it should fly over a lake", 0, ["text_to_image"]),
        ("photo two people shaking hands", 0, ["text_to_image"]),
        (
            "wedding pack: an invite pic, a 20 sec teaser video, and a love song",
            0,
            ["text_to_image", "image_to_video", "text_to_music"],
        ),
        ("a picture of a radio, a lamp, and a song book", 0, ["text_to_image"]),
    ],
)
def test_what_is_made(understood: Understood, wish: str, images: int, kinds: list[str | None]) -> None:
    """What moves, changes, is shown, listed or only talked about makes what it says and nothing else."""
    found = understood({"text": wish, "images": images})
    made: list[str | None] = [step.task_type for step in found.steps]
    assert (made or [found.task_type]) == kinds


def test_steps_have_their_own_words(understood: Understood) -> None:
    """What is changed first and what moves then are prompts of their own; what belongs to neither stays in both."""
    found = understood({"text": "这张照片，先改成夜景，改完再让灯闪起来", "images": 1})
    assert [step.prompt for step in found.steps] == ["这张照片，改成夜景", "这张照片，改完再让灯闪起来"]
