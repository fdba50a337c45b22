"""The skill store's icons: a word that is said, with a tick. A store puts its own in their place (`icons` in its skill.yaml).

Sizes: developer.amazon.com/docs/alexa/devconsole/launch-your-skill.html: PNG of 108 × 108 and 512 × 512 pixels.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from interaction_models.sources import HERE, SourceInvalid

SIZES = {"small": 108, "large": 512}
FOLDER = HERE / "icons"
ICON_BYTES_MAX = 1_000_000

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GROUND, _BUBBLE, _TICK = (0x1F, 0x6F, 0x5C), (0xFF, 0xFF, 0xFF), (0xE0, 0x7A, 0x2F)
#: Points that are looked at for each pixel, along one side: edges are then smooth.
_FINENESS = 3


def draw_icon(size: int) -> bytes:
    """A PNG of `size` by `size` pixels."""
    rows = bytearray()
    step = 1 / (size * _FINENESS)
    for y in range(size):
        rows.append(0)  # each line as it is, by no filter
        for x in range(size):
            red = green = blue = 0
            for part in range(_FINENESS * _FINENESS):
                colour = _colour(
                    (x * _FINENESS + part % _FINENESS + 0.5) * step, (y * _FINENESS + part // _FINENESS + 0.5) * step
                )
                red, green, blue = red + colour[0], green + colour[1], blue + colour[2]
            parts = _FINENESS * _FINENESS
            rows += bytes((red // parts, green // parts, blue // parts))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(x: float, y: float) -> tuple[int, int, int]:
    """At a point of the unit square, counted from the top left."""
    if _near(x, y, 0.36, 0.45, 0.46, 0.55) or _near(x, y, 0.46, 0.55, 0.66, 0.33):
        return _TICK
    if (x - 0.5) ** 2 + (y - 0.45) ** 2 < 0.32**2 or (
        0.26 < x < 0.46 and 0.6 < y < 0.86 and y - 0.6 < 1.3 * (x - 0.26)
    ):
        return _BUBBLE
    return _GROUND


def _near(x: float, y: float, from_x: float, from_y: float, to_x: float, to_y: float) -> bool:
    """Whether a point is on the stroke between two others."""
    along_x, along_y = to_x - from_x, to_y - from_y
    share = ((x - from_x) * along_x + (y - from_y) * along_y) / (along_x**2 + along_y**2)
    share = min(max(share, 0.0), 1.0)
    return (x - from_x - share * along_x) ** 2 + (y - from_y - share * along_y) ** 2 < 0.04**2


def read_icon(path: Path, size: int) -> bytes:
    """The file. Raises `SourceInvalid` unless it is a PNG of that many pixels by as many."""
    try:
        icon = path.read_bytes()
    except OSError as error:
        raise SourceInvalid(f"{path}: {error.strerror}") from error
    if icon[:8] != _SIGNATURE or len(icon) > ICON_BYTES_MAX or icon[16:24] != struct.pack(">II", size, size):
        raise SourceInvalid(f"{path}: an icon is a PNG of {size} × {size} pixels, of at most {ICON_BYTES_MAX} bytes")
    return icon


def write_icons() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, size in SIZES.items():
        (FOLDER / f"{name}.png").write_bytes(draw_icon(size))
