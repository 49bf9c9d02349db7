"""SVG to PNG, as a guest of a sandbox: a drawing is a program for a parser, and a parser has faults.

- Speaks on the one inherited socket: a length of four bytes and the SVG in; a length and the PNG out, 0 where it cannot
  be drawn.
- Nothing is fetched: there is no network here, and no file but the system's own.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import struct
import sys
from typing import Any

ZOOM = 2.0
MAX_SVG = 10 << 20
# Every installation has matplotlib's own fonts; a drawing's own families are found where the system has them.
_FAMILIES = {
    "font_family": "DejaVu Sans",
    "sans_serif_family": "DejaVu Sans",
    "serif_family": "DejaVu Serif",
    "monospace_family": "DejaVu Sans Mono",
}


def main() -> None:
    """Entry point; ends when the other side closes."""
    import resvg_py

    fonts = _fonts()
    with socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"])) as sock:
        sock.sendall(b"\x00\x00\x00\x00")  # ready
        while size := _receive(sock, 4):
            svg = _receive(sock, struct.unpack(">I", size)[0]).decode("utf-8", "replace")
            sock.sendall(_framed(_draw(resvg_py, svg, fonts)))


def _draw(library: Any, svg: str, fonts: list[str]) -> bytes:
    try:
        return bytes(library.svg_to_bytes(svg_string=svg, zoom=ZOOM, font_dirs=fonts, **_FAMILIES))
    except Exception as problem:
        # Whatever is wrong with a drawing, the next one may be good.
        print(type(problem).__name__, file=sys.stderr)
        return b""


def _fonts() -> list[str]:
    found = importlib.util.find_spec("matplotlib")
    folders = (found.submodule_search_locations or []) if found else []
    return [os.path.join(folder, "mpl-data/fonts/ttf") for folder in folders]


def _framed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _receive(sock: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = sock.recv(min(size - len(parts), 1 << 20))
        if not part:
            return b""
        parts += part
    return parts
