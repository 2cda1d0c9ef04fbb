"""When something is said, and when nothing is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.domain.event import (
    Created,
    Downloaded,
    Finished,
    JournalTrouble,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
    Uploaded,
)
from ima_skills.domain.problem import Change
from ima_skills.domain.task import SavedFile
from ima_skills.errors import NetworkError
from ima_skills.messages.scribe import Scribe

if TYPE_CHECKING:
    from ima_skills.domain.event import Event

Make = Callable[..., Any]
KLING = ModelChosen("text_to_video", "kling-video-o1", "Kling O1", "default")


def quoted(
    quote: Make, points: int = 100, estimate: tuple[float, float] = (240, 360), **facts: Any
) -> Quoted:
    """Return the price of a video."""
    return Quoted("text_to_video", "Kling O1", "kling-video-o1", quote(points), estimate, (), **facts)


def hear(scribe: Scribe, *events: Event, now: float = 0.0) -> list[dict[str, Any]]:
    """Tell some events at one time and return what was said."""
    return [action.as_dict() for event in events for action in scribe.hear(event, now)]


def text(action: dict[str, Any]) -> str:
    """Return the words of a message."""
    return str(action["args"].get("message", ""))


def looks(scribe: Scribe, *seconds: float, **facts: Any) -> list[str]:
    """Tell looks at a task that was created at 0, and return the first lines of what was said."""
    said = []
    for at in seconds:
        event = Progressed("task_1", at, 0, facts.get("done", 0), facts.get("total", 0))
        said += [text(action) for action in hear(scribe, event, now=at)]
    return said


@pytest.fixture
def scribe(manner: Make) -> Scribe:
    """Somebody who speaks English on a plain platform."""
    return Scribe(manner())


def test_the_reply_comes_once_and_first(scribe: Scribe, quote: Make) -> None:
    """Whoever calls it early gets it early, and no event repeats it."""
    first = [action.as_dict() for action in scribe.acknowledge("text_to_video")]
    assert first == [{"step": 0, "kind": "reply", "text": "Sure! Getting your video started 🎬"}]
    assert scribe.acknowledge("text_to_video") == ()
    assert [action["step"] for action in hear(scribe, KLING, quoted(quote))] == [1]


def test_the_reply_comes_before_the_first_event_otherwise(scribe: Scribe, quote: Make) -> None:
    """A library user who forgets it still gets the right order."""
    assert [action["step"] for action in hear(scribe, KLING, quoted(quote))] == [0, 1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reply_is_short(manner: Make, registry: Any, language: str) -> None:
    """Below 15 words in English, below 15 characters in Chinese, and with an emoji."""
    for name in (*registry.task_types, "new_kind"):
        (action,) = Scribe(manner(language)).acknowledge(name)
        assert action.text is not None
        words = action.text.split() if language == "en" else [c for c in action.text if ord(c) > 0x2000]
        assert len(words) < 15
        assert any(ord(letter) > 0x2700 and not "一" <= letter <= "鿿" for letter in action.text)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("explicit", "as you asked"),
        ("saved", "your usual model"),
        ("knowledge", "recommended for this"),
        ("default", "our default"),
    ],
)
def test_the_start_says_why_this_model(scribe: Scribe, quote: Make, source: Any, why: str) -> None:
    """Each of the four ways to a model has its words."""
    said = hear(scribe, evolve(KLING, source=source), quoted(quote))
    assert f"• Model: Kling O1 ({why})" in text(said[1])


def test_a_recommendation_gives_its_reason(scribe: Scribe, quote: Make) -> None:
    """What an installed skill advises is said with why."""
    said = hear(scribe, evolve(KLING, source="knowledge", reason="moving water"), quoted(quote))
    assert "• Model: Kling O1 (recommended for this: moving water)" in text(said[1])


def test_the_start_confirms_a_change_and_tells_of_a_stale_model(scribe: Scribe, quote: Make) -> None:
    """A departure from the usual model is said, and so is a usual model that is gone."""
    chosen = evolve(KLING, previous="Wan 2.6", stale="Old One")
    start = text(hear(scribe, chosen, quoted(quote))[1])
    assert "Kling O1 is used instead of your usual Wan 2.6" in start
    assert "Your usual Old One is not available" in start


def test_without_a_choice_the_start_gives_no_reason(scribe: Scribe, quote: Make) -> None:
    """An embedder whose road tells no choice gets the model's name alone."""
    assert "• Model: Kling O1\n" in text(hear(scribe, quoted(quote))[1])


@pytest.mark.parametrize(
    ("points", "source", "named"), [(51, "default", True), (50, "default", False), (51, "explicit", False)]
)
def test_above_fifty_points_a_cheaper_model_is_named(  # noqa: PLR0913 - two facts, four fixtures
    scribe: Scribe, quote: Make, counsel: Make, points: int, source: Any, *, named: bool
) -> None:
    """From 51 points on, unless a premium model was asked for by name; its price is computed."""
    scribe.consult(counsel("Kling O1", total=points, duration=5))
    start = text(hear(scribe, evolve(KLING, source=source), quoted(quote, points))[1])
    assert ("To save points, " in start) is named


def test_a_standard_model_that_was_named_still_gets_the_neighbour(
    scribe: Scribe, quote: Make, counsel: Make
) -> None:
    """Asking for a model is not asking for the best there is."""
    scribe.consult(counsel("Wan 2.6", total=120, duration=5))
    chosen = ModelChosen("text_to_video", "wan2.6-t2v", "Wan 2.6", "explicit")
    assert "To save points, " in text(hear(scribe, chosen, quoted(quote, 120))[1])


@pytest.mark.parametrize(("n", "line"), [(1, "• Points: 5"), (3, "• Points: 15 (3 × 5)")])
def test_several_outputs_are_priced_one_by_one(scribe: Scribe, quote: Make, n: int, line: str) -> None:
    """What is paid in all, and how it comes about."""
    event = Quoted("text_to_image", "SeeDream 4.5", "v", quote(5, n), (20, 40), ())
    assert line in text(hear(scribe, event)[1]).splitlines()


def test_several_results_are_announced_as_such(scribe: Scribe, quote: Make, result: Make) -> None:
    """Three pictures are not "your picture"."""
    hear(scribe, quoted(quote), Created("task_1", 1))
    (sent, *_) = hear(scribe, Finished(result("text_to_image", n=3)))
    assert text(sent).startswith("✅ All 3 are ready!\n")


def test_progress_keeps_the_models_own_pace(scribe: Scribe, quote: Make) -> None:
    """Kling O1 is reported on once a minute, by its registry file; looks in between say nothing."""
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    said = looks(scribe, 10, 59, 60, 61, 119, 120, 121)
    assert [line.splitlines()[0].rpartition(" ")[2] for line in said] == ["16%", "33%"]


@pytest.mark.parametrize(("elapsed", "percent"), [(120, 33), (250, 69), (359, 95), (400, 95)])
def test_percent_is_that_of_the_documents(scribe: Scribe, quote: Make, elapsed: float, percent: int) -> None:
    """The figures are those of the service's documents for an upper estimate of 360 s."""
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    (said,) = looks(scribe, elapsed)
    assert f" {percent}%" in said
    assert ("Nearly there" in said) is (elapsed > 360)


@pytest.mark.parametrize(("estimate", "count"), [((5, 19), 0), ((5, 20), 1)])
def test_short_jobs_are_not_reported_on(
    scribe: Scribe, quote: Make, estimate: tuple[float, float], count: int
) -> None:
    """A job that is over within 20 s gets a start and an end."""
    hear(scribe, KLING, quoted(quote, estimate=estimate), Created("task_1", 1))
    assert len(looks(scribe, 60)) == count


def test_several_outputs_are_counted(scribe: Scribe, quote: Make) -> None:
    """With more than one output the progress says how many are done."""
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    assert "1 of 3 done" in looks(scribe, 60, done=1, total=3)[0]


def test_a_sandbox_is_told_in_the_service_s_time(manner: Make, quote: Make, result: Make) -> None:
    """At sixty times the speed a second is a minute, in the progress and in the end; it is called a demo."""
    scribe = Scribe(manner(), speed=60.0)
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    assert "33%" in looks(scribe, 2)[0]
    done = Finished(result("text_to_video", suffix="mp4", elapsed_s=5.0, sandbox=True))
    end = text(hear(scribe, done, now=5.0)[0])
    assert "• Time: 5 min (estimated 4–6 min)" in end
    assert "This is a demo" in end


def test_a_job_that_is_under_way_already_is_not_paid_twice(scribe: Scribe, quote: Make) -> None:
    """Attaching is said, right after the start."""
    said = hear(scribe, KLING, quoted(quote), Reattached("task_1"))
    assert [action["step"] for action in said] == [0, 1, 1]
    assert "no points are taken twice" in text(said[2])


def test_a_retry_says_what_it_changed(scribe: Scribe, quote: Make) -> None:
    """A smaller retry is told in plain words; a mere second try is not told at all."""
    hear(scribe, KLING, quoted(quote))
    assert hear(scribe, Reflected(1, "rate-limited", "wait", ())) == []
    change = Change("resolution", "1080p", "720p", "the service asked for it")
    (said,) = hear(scribe, Reflected(1, "service-fault", "smaller", (change,)))
    assert text(said).splitlines()[1] == "  - Quality: 1080p → 720p"


def test_what_happens_behind_the_scenes_is_silent(scribe: Scribe, quote: Make) -> None:
    """Uploads, troubles in passing, downloads and the create itself are nobody's concern."""
    hear(scribe, KLING, quoted(quote))
    behind = (
        Uploaded(0, 2),
        Created("task_1", 1),
        PollTrouble("task_1", "502"),
        JournalTrouble("task_1", "disk"),
        Downloaded("task_1", 0, "/tmp/x.mp4", 5),  # noqa: S108 - never opened
    )
    assert hear(scribe, *behind) == []


def test_who_cannot_see_the_job_does_not_say_how_far_it_is(scribe: Scribe, quote: Make) -> None:
    """From the second failed look on: no percentage, how long there was no word, each time after a longer silence."""
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    said: dict[int, str] = {}
    for at in range(100, 1000, 10):
        count = (at - 90) // 10
        events = (
            PollTrouble("task_1", "502", "network", count, at - 100),
            Progressed("task_1", at, 50, 0, 0, count),
        )
        said.update((at, text(action)) for action in hear(scribe, *events, now=float(at)))
    first, *later = sorted(said)
    assert said[first].splitlines()[0] == "👀 I cannot see at the moment how your video is doing"
    assert "may still be in the making" in said[first]
    assert first == 110
    assert "No word of it for 2 min 10 s;" in said[later[0]]
    assert not any("%" in words for words in said.values())
    assert [after - before for before, after in pairwise((first, *later))] == [120, 240, 480]
    (again,) = hear(scribe, Progressed("task_1", 2000, 95, 0, 1), now=2000.0)
    assert "95%" in text(again)


@pytest.mark.parametrize("ending", ["success", "failure"])
def test_after_the_end_there_is_silence(scribe: Scribe, quote: Make, result: Make, ending: str) -> None:
    """Step 5: nothing follows an end, whatever else is told."""
    done = Finished(result("text_to_video", suffix="mp4"))
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    first = hear(scribe, done) if ending == "success" else list(scribe.end(NetworkError("gone")))
    assert first
    assert hear(scribe, KLING, quoted(quote), Created("t", 2), Reattached("t"), done, now=999.0) == []
    assert looks(scribe, 2000) == []
    assert scribe.end(NetworkError("again")) == ()
    assert scribe.acknowledge("text_to_video") == ()


def test_the_end_is_one_step(scribe: Scribe, quote: Make, result: Make) -> None:
    """A success is step 3 in all its messages, with the charged points and what was changed."""
    change = Change("duration", 20, 15, "the nearest value that the model offers")
    hear(scribe, KLING, quoted(quote), Created("task_1", 1))
    said = hear(scribe, Finished(result("text_to_video", suffix="mp4", credit=77, changes=(change,))))
    assert {action["step"] for action in said} == {3}
    assert "• Points: 77" in text(said[0])
    assert "  - Length: 20 s → 15 s" in text(said[0])


def test_a_better_model_is_hinted_at_with_its_price(
    scribe: Scribe, quote: Make, result: Make, counsel: Make
) -> None:
    """Where a habit stands against a recommendation, the success ends with a gentle word and a computed price."""
    chosen = evolve(KLING, source="saved", recommended="Wan 2.6", reason="moving water")
    scribe.consult(counsel("Kling O1", total=48, duration=5))
    hear(scribe, chosen, quoted(quote, 48), Created("task_1", 1))
    said = hear(scribe, Finished(result("text_to_video", suffix="mp4")))
    hint = text(said[0]).splitlines()[-1]
    assert hint.startswith("💡 For something like this, Wan 2.6 might be nice too (moving water; ")
    assert hint.endswith(" points)")


def test_a_file_of_this_machine_is_sent_by_its_path(scribe: Scribe, quote: Make, result: Make) -> None:
    """A sandbox's address is nobody else's: the downloaded file goes, or it is said that nothing can."""
    made = result("text_to_image")
    local = tuple(evolve(media, url="http://ima-sandbox.localhost/x.png") for media in made.medias)
    saved = (SavedFile("/home/u/out/x.png", 100, ""),)
    hear(scribe, quoted(quote))
    (sent,) = hear(scribe, Finished(evolve(made, medias=local, files=saved)))
    assert sent["args"]["media"] == "/home/u/out/x.png"
    assert "http" not in text(sent)


def test_a_file_that_cannot_travel_is_not_sent(scribe: Scribe, quote: Make, result: Make) -> None:
    """Without a public address and without a download there is no media, and a word about it."""
    made = result("text_to_image")
    local = tuple(evolve(media, url="https://127.0.0.1/x.png") for media in made.medias)
    hear(scribe, quoted(quote))
    (sent,) = hear(scribe, Finished(evolve(made, medias=local)))
    assert set(sent["args"]) == {"action", "message"}
    assert "kept on the computer that made it" in text(sent)
