"""Real media for the sandbox: pictures, videos, music and speech that follow from the request alone.

Importing this costs nothing: Pillow, FFmpeg and the speech synthesiser are loaded when something is rendered.
"""

from ima_skills.renderers import Rendered, RenderError, RenderJob
from ima_skills.sandbox.media.render import render

__all__ = ["RenderError", "RenderJob", "Rendered", "render"]
