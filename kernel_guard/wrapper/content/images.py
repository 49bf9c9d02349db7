"""Images from the kernel, decoded and encoded again.

- PNG and JPEG only, told by their first bytes and not by their name.
- The new file holds pixels and nothing else: no text chunk, no EXIF, no colour profile, no second frame, no trailer.
- Pixels are counted before they are decoded, so that a small file cannot become a large picture.
- Pillow is loaded at the first image: most cells have none.
"""

from __future__ import annotations

import base64
import binascii
import io

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
_MAGIC = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff"}


class BadImage(Exception):
    """Not an image that can be shown."""


def clean_base64(encoded: str, kind: str) -> str:
    """A base64 image of `kind` (PNG or JPEG), encoded again."""
    if len(encoded) > MAX_BYTES * 4 // 3 + 64:
        raise BadImage
    try:
        raw = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadImage from None
    return base64.b64encode(clean(raw, kind)).decode("ascii")


def clean(raw: bytes, kind: str) -> bytes:
    """The pixels of one image in a new file of the same kind."""
    if len(raw) > MAX_BYTES or not raw.startswith(_MAGIC[kind]):
        raise BadImage
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw), formats=[kind]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadImage
            pixels = image.convert(_mode(image.mode, kind))
    except BadImage:
        raise
    except Exception:
        # Pillow raises many types on a malformed file; whichever it was, the picture is not shown.
        raise BadImage from None
    pixels.info = {}
    out = io.BytesIO()
    if kind == "PNG":
        pixels.save(out, "PNG", compress_level=3)
    else:
        pixels.save(out, "JPEG", quality=92)
    return out.getvalue()


def _mode(mode: str, kind: str) -> str:
    if mode in ("1", "L", "I;16", "I"):
        return "L"
    if kind == "PNG" and mode in ("RGBA", "LA", "PA", "P"):
        return "RGBA"
    return "RGB"
