"""Is a secret in these bytes, in any dress that a reader could take off?"""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterable

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")


def is_in(secret: str, sent: Iterable[bytes]) -> bool:
    """Search as it is, reversed, as hexadecimal, inside base64 and inside compressed parts."""
    plain = secret.encode()
    dresses = (plain, plain[::-1], plain.hex().encode(), plain.hex().upper().encode(), secret.encode("utf-16-le"))
    return any(dress in form for one in sent for form in _forms(one) for dress in dresses)


def _forms(data: bytes, depth: int = 2) -> Iterable[bytes]:
    yield data
    if depth == 0:
        return
    for match in _BASE64.finditer(data):
        text = match.group().rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        yield from _forms(
            base64.b64decode(text + b"=" * (-len(text) % 4) if len(text) % 4 != 1 else text[:-1]), depth - 1
        )
    for match in _HEX.finditer(data):
        yield bytes.fromhex(match.group().decode())
    for start, unpack in ((b"\x1f\x8b", gzip.decompress), (b"\x78\x9c", zlib.decompress)):
        if start in data:
            try:
                yield unpack(data[data.index(start) :])
            except (OSError, EOFError, zlib.error):
                pass
