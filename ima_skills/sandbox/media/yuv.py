"""Between Pillow's RGB and the planes of a video frame.

Pillow's own YCbCr is full range: in a video it decodes with wrong colours. So the planes are made with the
BT.709 limited-range matrix, which the encoder is told about. It is done in Pillow, not in FFmpeg, because
FFmpeg's scaler gives different bytes on different processors.
"""

import av
from PIL import Image

Planes = tuple[Image.Image, Image.Image, Image.Image]

# Half a step is added because Pillow cuts off the fraction.
_TO_YUV = (
    0.182586, 0.614231, 0.062007, 16.5,
    -0.100644, -0.338572, 0.439216, 128.5,
    0.439216, -0.398942, -0.040274, 128.5,
)  # fmt: skip
_LUMA, _RED, _GREEN_U, _GREEN_V, _BLUE = 1.164384, 1.792741, -0.213249, -0.532909, 2.112402
_TO_RGB = (
    _LUMA, 0.0, _RED, 0.5 - 16 * _LUMA - 128 * _RED,
    _LUMA, _GREEN_U, _GREEN_V, 0.5 - 16 * _LUMA - 128 * (_GREEN_U + _GREEN_V),
    _LUMA, _BLUE, 0.0, 0.5 - 16 * _LUMA - 128 * _BLUE,
)  # fmt: skip


def to_planes(picture: Image.Image) -> Planes:
    """Split an RGB picture with even sides into Y and the half-size U and V."""
    luma, blue, red = picture.convert("RGB", _TO_YUV).split()
    return (luma, blue.reduce(2), red.reduce(2))


def to_picture(planes: Planes) -> Image.Image:
    """Put planes together to an RGB picture, as a player would."""
    luma, blue, red = planes
    wide = [plane.resize(luma.size, Image.Resampling.BILINEAR) for plane in (blue, red)]
    return Image.merge("RGB", (luma, *wide)).convert("RGB", _TO_RGB)


def picture_of(frame: av.VideoFrame) -> Image.Image:
    """Return a decoded frame as an RGB picture; the decoder's colour tags are obeyed."""
    plane = frame.reformat(format="rgb24").planes[0]
    size = (frame.width, frame.height)
    return Image.frombytes("RGB", size, bytes(plane), "raw", "RGB", plane.line_size)
