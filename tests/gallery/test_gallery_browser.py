"""The page in a real browser: it renders, plays, filters, obeys keys, and lets nothing in or out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.gallery.item import Item

Make = Callable[..., Item]
See = Callable[..., Any]
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
MANY = 1000


@pytest.fixture
def works(item: Make, media: Any) -> list[Item]:
    """One of each kind, one that is gone, and what became of what."""
    change = Change("size", "7k", "4k", "the nearest value")
    return [
        item("video-1", media.video, kind="video", model="Wan 2.6", prompt="waves roll", sources=("picture-1", None)),
        item("song-1", media.audio, kind="music", model="Suno", prompt="a calm song", made="2026-11-20T09:00:00+08:00"),
        item("voice-1", media.audio, kind="speech", model="seed-tts-2.0"),
        item("gone-1", kind="image", prompt="a lost kite"),
        item(
            "picture-1", media.picture, prompt="灯塔 lighthouse", changes=(change,), requested={"size": "7k", "ratio": "1:1"},
            params={"size": "4k", "style": "…", "lyrics": ""}, command="ima-skills create 'x'", points=1,
        ),
    ]  # fmt: skip


def test_every_kind_is_shown(see: See, works: list[Item]) -> None:
    """Every card is there, its small picture has loaded, and nothing but files beside the page was asked for."""
    seen = see(works)
    assert seen.cards() == [item.key for item in works]
    seen.page.wait_for_function("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert seen.page.locator(".card img").count() == 2
    assert seen.page.locator(".card .sound").count() == 2
    assert "no longer there" in seen.page.locator('[data-key="gone-1"]').inner_text()
    assert seen.page.locator("#summary").inner_text() == "5 works · 21 points · Nov 20, 2026 – Nov 21, 2026"
    assert seen.errors == []
    root = seen.folder.as_uri()
    assert [url for url in seen.requests if not url.startswith(root)] == []


def test_a_moved_page_still_works(see: See, works: list[Item]) -> None:
    """The folder can be put anywhere."""
    seen = see(works)
    # Leave first: a page that is still loading would miss what is moved away beneath it.
    seen.page.goto("about:blank")
    moved = seen.folder.rename(seen.folder.with_name("else where ünd 我"))
    seen.requests.clear()
    seen.errors.clear()
    seen.page.goto((moved / "index.html").as_uri())
    seen.page.wait_for_function("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert seen.errors == []


@pytest.mark.parametrize("key", ["video-1", "song-1"])
def test_the_player_plays(key: str, see: See, works: list[Item]) -> None:
    """Video and sound really run in the detail view, and stop when it closes."""
    seen = see(works, reduced_motion="reduce")
    seen.page.locator(f'[data-key="{key}"] .open').click()
    player = seen.page.locator("dialog video, dialog audio")
    assert player.evaluate("p => p.paused")
    player.evaluate("p => { window.kept = p; p.muted = true; return p.play(); }")
    seen.page.wait_for_function("() => kept.currentTime > 0.2")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_function("() => kept.paused")
    assert seen.errors == []


def test_a_video_starts_when_it_is_opened(see: See, works: list[Item]) -> None:
    """Opening a film plays it, unless the system asks for less motion."""
    seen = see(works)
    seen.page.locator('[data-key="video-1"] .open').click()
    seen.page.wait_for_function("() => document.querySelector('dialog video').currentTime > 0.1")


def test_sound_plays_on_its_card(see: See, works: list[Item]) -> None:
    """One button plays and pauses, another one takes over, and the bar moves."""
    seen = see(works)
    song, voice = (seen.page.locator(f'[data-key="{key}"] .sound') for key in ("song-1", "voice-1"))
    song.click()
    seen.page.wait_for_function(
        "() => parseFloat(document.querySelector('[data-key=\"song-1\"] .run i').style.transform.slice(7)) > 0.05"
    )
    assert song.get_attribute("aria-label") == "Pause"
    voice.click()
    seen.page.wait_for_function(
        "() => document.querySelector('[data-key=\"voice-1\"] .sound').ariaLabel === 'Pause'"
    )
    assert song.get_attribute("aria-label") == "Play"
    voice.click()
    seen.page.wait_for_function(
        "() => document.querySelector('[data-key=\"voice-1\"] .sound').ariaLabel === 'Play'"
    )
    assert seen.errors == []


def test_filters(see: See, works: list[Item]) -> None:
    """Kind, origin, model and day narrow what is shown, tell how many there are, and can be taken back."""
    seen = see(works)
    page = seen.page
    page.locator('#kinds [data-value="image"]').click()
    assert seen.cards() == ["gone-1", "picture-1"]
    assert page.locator("#found").inner_text() == "2 of 5"
    assert page.locator('#kinds [data-value="image"]').get_attribute("aria-pressed") == "true"
    page.locator('#kinds [data-value=""]').click()
    page.select_option("#origin", "own")
    assert seen.cards() == ["video-1"]
    page.select_option("#origin", "")
    page.select_option("#model", "Suno")
    assert seen.cards() == ["song-1"]
    page.select_option("#day", "2026-11-21")
    assert seen.cards() == []
    page.get_by_role("button", name="Show everything").click()
    assert len(seen.cards()) == len(works)


def test_search(see: See, works: list[Item]) -> None:
    """Every word counts, in either language, whatever its case; the slash goes to the box."""
    seen = see(works)
    page = seen.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("LIGHTHOUSE 灯")
    assert seen.cards() == ["picture-1"]
    page.keyboard.press("Escape")
    assert len(seen.cards()) == len(works)
    page.keyboard.type("nothing like it")
    assert seen.cards() == []
    assert page.locator("#nothing").inner_text().startswith("Nothing matches")


def test_keys_alone_are_enough(see: See, works: list[Item]) -> None:
    """Arrows move, Enter opens, arrows go on, Escape closes, and the focus is where it was."""
    seen = see(works)
    page = seen.page
    focused = "document.activeElement.closest('.card')?.dataset.key"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "video-1"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "song-1"
    page.keyboard.press("End")
    assert page.evaluate(focused) == "picture-1"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "song-1"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == "video-1"
    page.keyboard.press("Enter")
    assert page.locator("#detail-title").inner_text() == "waves roll"
    page.keyboard.press("ArrowRight")
    assert page.locator("#detail-title").inner_text() == "a calm song"
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    page.wait_for_function(f"() => {focused} === 'song-1'")
    page.keyboard.press("Space")
    page.wait_for_function(
        "() => document.querySelector('[data-key=\"song-1\"] .sound').ariaLabel === 'Pause'"
    )
    assert not page.locator("dialog").is_visible()
    tabbable = page.eval_on_selector_all(".card button", "all => all.filter(b => b.tabIndex === 0).length")
    assert tabbable == 1


def test_facts_and_lineage(see: See, works: list[Item]) -> None:
    """What was asked for, what was used and why; where it came from and what became of it, to be followed."""
    seen = see(works)
    page = seen.page
    page.locator('[data-key="picture-1"] .open').click()
    rows = page.locator("dialog tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["size", "7k", "4k", "the nearest value"],
        ["style", "not set", "text, not kept", "from the model’s form"],
        ["lyrics", "not set", "empty", "from the model’s form"],
        ["ratio", "1:1", "", "within the other settings"],
    ]
    assert page.locator("dialog .line code").inner_text() == "ima-skills create 'x'"
    page.locator("dialog .kin button").click()
    assert page.locator("#detail-title").inner_text() == "waves roll"
    kin = page.locator("dialog .kin li").all_inner_texts()
    assert kin == ["灯塔 lighthouse", "a file from elsewhere"]
    assert "Made from" in page.locator("dialog .tale").inner_text()


def test_a_prompt_that_was_not_kept(see: See, works: list[Item]) -> None:
    """The detail view says so and how later ones are kept."""
    seen = see(works)
    seen.page.locator('[data-key="voice-1"] .open').click()
    assert "--keep-prompts" in seen.page.locator("dialog .tale").inner_text()


def test_the_languages(see: See, works: list[Item]) -> None:
    """It opens in the language of the command and switches without leaving a word behind."""
    seen = see(works, "zh")
    page = seen.page
    assert page.title() == "作品集"
    page.locator('[data-key="gone-1"] .open').click()
    left = set(re.findall(r"[A-Za-z]{4,}", page.locator("dialog").inner_text()))
    assert left <= {"SeeDream", "gone", "lost", "kite"}
    page.keyboard.press("Escape")
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("main").inner_text().replace("灯塔", ""))
    page.reload()
    assert page.title() == "What was made"


def test_the_themes(see: See, works: list[Item]) -> None:
    """It follows the system until somebody chooses, and texts keep enough contrast in both."""
    colour = "getComputedStyle(document.body).backgroundColor"
    dark, light = (see(works, color_scheme=scheme) for scheme in ("dark", "light"))
    paper = {"dark": dark.page.evaluate(colour), "light": light.page.evaluate(colour)}
    assert paper["dark"] != paper["light"]
    light.page.click("#theme")
    assert light.page.evaluate(colour) == paper["dark"]
    light.page.click("#theme")
    assert light.page.evaluate(colour) == paper["light"]
    light.page.emulate_media(color_scheme="dark")
    assert light.page.evaluate(colour) == paper["light"]
    light.page.click("#theme")
    assert light.page.evaluate(colour) == paper["dark"]
    for seen in (dark, see(works, color_scheme="light")):
        for front in ("--ink", "--soft", "--accent", "--warn"):
            for back in ("--paper", "--card", "--sunk"):
                assert contrast(seen.page, front, back) >= 4.5, (front, back)


def contrast(page: Any, *names: str) -> float:
    """Return the contrast of two colours of the page, as WCAG 2 reckons it."""
    light = []
    for name in names:
        text = page.evaluate(
            "name => { const d = document.createElement('i'); d.style.color = `var(${name})`; document.body.append(d);"
            " const found = getComputedStyle(d).color; d.remove(); return found; }",
            name,
        )
        parts = [int(part) / 255 for part in re.findall(r"\d+", text)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(light) / min(light)


def test_nothing_in_the_data_runs(see: See, works: list[Item]) -> None:
    """Markup in any text is only text, on the cards, in the filters and in the detail view."""
    odd = evolve(
        works[-1], key=EVIL, job=EVIL, title=EVIL, prompt=EVIL, model=EVIL, kind=EVIL, task_type=EVIL,
        version_id=EVIL, params={EVIL: EVIL}, changes=(Change(EVIL, EVIL, EVIL, EVIL),), command=EVIL,
    )  # fmt: skip
    seen = see([odd, works[0]])
    seen.page.locator(".card .open").first.click()
    assert seen.page.locator("#detail-title").inner_text() == EVIL
    assert seen.page.locator("script").count() == 2
    assert seen.page.locator('img[src="x"]').count() == 0
    seen.page.wait_for_timeout(100)
    assert seen.errors == []


def test_the_policy_holds(see: See, works: list[Item]) -> None:
    """Even if markup got in, it could neither run nor fetch anything."""
    seen = see(works)
    seen.page.evaluate(
        "() => { const d = document.createElement('div'); d.innerHTML = '<img src=https://example.invalid/x onerror=alert(1)>';"
        " document.body.append(d); const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); }"
    )
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("window.ran") is None
    assert [error for error in seen.errors if error.startswith("dialog")] == []
    assert any("Content Security Policy" in error for error in seen.errors)


def test_a_file_that_cannot_be_shown(see: See, item: Make, media: Any) -> None:
    """A damaged picture gives way to a sign and a link; a format that no browser knows too."""
    broken = media.picture.with_name("broken.png")
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    seen = see([item("a-1", broken)])
    seen.page.wait_for_selector(".card .glyph")
    seen.page.locator(".card .open").click()
    assert "cannot show" in seen.page.locator("dialog .stage").inner_text()
    assert seen.page.locator("dialog .stage a").get_attribute("href").startswith("media/")


def test_nothing_made_yet(see: See) -> None:
    """An empty page says what to run."""
    seen = see([], "zh")
    assert "ima-skills create" in seen.page.locator("#nothing").inner_text()
    assert not seen.page.locator("#filters").is_visible()
    assert seen.errors == []


def test_a_thousand_items(see: See, item: Make, media: Any) -> None:
    """Only cards near the window exist, at the top, at the end, after filtering and after resizing."""
    words = ("kite", "lighthouse", "pond", "fox")
    items = [
        item(f"n{number}-1", media.picture, prompt=f"{words[number % 4]} {number}", model=f"M{number % 7}")
        for number in range(MANY)
    ]
    seen = see(items)
    page = seen.page
    page.wait_for_selector(".card")
    counts = [len(seen.cards())]
    heights = [page.evaluate("document.body.scrollHeight")]
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function(f"() => document.querySelector('[data-key=\"n{MANY - 1}-1\"]')")
    counts.append(len(seen.cards()))
    assert "n0-1" not in seen.cards()
    page.set_viewport_size({"width": 400, "height": 700})
    page.wait_for_function("() => document.querySelectorAll('.card').length < 40")
    page.evaluate("scrollTo(0, 0)")
    page.fill("#search", "fox")
    assert page.locator("#found").inner_text() == f"{MANY // 4} of 1,000"
    counts.append(len(seen.cards()))
    page.fill("#search", "fox 999")
    assert seen.cards() == [f"n{MANY - 1}-1"]
    assert max(counts) < 60
    assert min(counts) > 4
    assert heights[0] > 20_000
    assert page.locator("*").count() < 400
    assert seen.errors == []


def test_focus_survives_scrolling(see: See, item: Make, media: Any) -> None:
    """The card that has the focus stays, wherever the window goes."""
    seen = see([item(f"n{number}-1", media.picture) for number in range(300)])
    page = seen.page
    page.keyboard.press("ArrowRight")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => document.querySelector('[data-key=\"n299-1\"]')")
    assert page.evaluate("document.activeElement.closest('.card').dataset.key") == "n0-1"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.closest('.card').dataset.key") == "n299-1"
