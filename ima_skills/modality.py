"""What a plugin declares for a modality: images, video, music, speech, or something new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from ima_skills.domain.task import Media
from ima_skills.errors import PluginError
from ima_skills.plugin_faults import Fence, kind_at, kind_of


@frozen
class CreateInputs:
    """Uploaded inputs in the shape of a create.

    Attributes:
        top: Fields beside ``task_type``, for instance ``src_img_url``.
        inner: Fields of the inner parameters, for instance ``input_images``.
    """

    top: Mapping[str, Any] = field(repr=False)
    inner: Mapping[str, Any] = field(repr=False)


def same_urls(_task_type: str, urls: tuple[str, ...]) -> CreateInputs:
    """Return the usual shape: the same addresses at the top and in the inner parameters.

    Source: the service's documents, which call differing lists a mistake.
    """
    return CreateInputs({"src_img_url": list(urls)}, {"input_images": list(urls)})


def audio_only(media: Media) -> Media:
    """Return a sound: it has neither size nor cover, whatever the service says."""
    return evolve(media, width=None, height=None, cover_url=None)


def audio_length(media: Media, _language: str = "en") -> tuple[str, ...]:
    """Return the length of a sound as minutes and seconds, when it is known."""
    if not media.duration_s:
        return ()
    minutes, seconds = divmod(round(media.duration_s), 60)
    return (f"{minutes}:{seconds:02d}",)


@frozen
class Modality:
    """A kind of media, and how its requests and results are shaped.

    Attributes:
        name: For instance ``video``; registry folders and task types refer to it.
        task_types: The task types that belong to it; each has ``request/<task type>`` as its schema.
        formats: File formats that its results may have, the usual one first.
        inputs: Task type and uploaded addresses to their place in a create.
        media: Turns a media of the service into what people get (fills in what the service omits).
        caption: The facts that a caption shows, for instance size or length, in a language.
    """

    name: str
    task_types: tuple[str, ...]
    formats: tuple[str, ...]
    inputs: Callable[[str, tuple[str, ...]], CreateInputs]
    media: Callable[[Media], Media]
    caption: Callable[[Media, str], tuple[str, ...]]

    def placed(self, task_type: str, urls: tuple[str, ...]) -> CreateInputs:
        """Return uploaded addresses in their places.

        Raises:
            PluginError: The plugin's own function fails; nothing was sent.
        """
        with Fence() as fence:
            places = self.inputs(task_type, urls)
        if fence.error is not None:
            raise PluginError(
                f"the modality {self.name!r} failed: {kind_at(fence.error)}", code="modality-failed"
            ) from fence.error
        if not isinstance(places, CreateInputs):
            raise PluginError(
                f"the modality {self.name!r} returned a {kind_of(places)}", code="modality-failed"
            )
        return places
