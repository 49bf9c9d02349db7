"""Pictures hold pixels and nothing else; drawings become pictures, and a bad one harms nobody."""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from kernel_guard.sandbox import ladder
from kernel_guard.sandbox.inside import landlock
from kernel_guard.wrapper.content import images, mime
from kernel_guard.wrapper.drawings import Drawings

SECRET = b"canary-4711"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20" fill="red"/>%s</svg>'


def png(**options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG", **options)
    return out.getvalue()


def jpeg(**options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "JPEG", **options)
    return out.getvalue()


def _with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return png(pnginfo=info)


def _with_frames() -> bytes:
    out = io.BytesIO()
    other = Image.new("RGB", (4, 4), "blue")
    Image.new("RGB", (4, 4), "red").save(out, "PNG", save_all=True, append_images=[other])
    return out.getvalue()


HIDING = {
    "text chunks": _with_text(),
    "a trailer": png() + SECRET,
    "a colour profile": png(icc_profile=SECRET),
    "EXIF": png(exif=b"Exif\x00\x00" + SECRET),
    "a JPEG comment": jpeg(comment=SECRET),
    "a JPEG trailer": jpeg() + SECRET,
    "JPEG EXIF": jpeg(exif=b"Exif\x00\x00" + SECRET),
}


@pytest.mark.parametrize("where", HIDING)
def test_only_pixels_pass(where: str) -> None:
    raw = HIDING[where]
    assert SECRET in raw or where == "a colour profile"  # that one is compressed
    kind = "PNG" if raw.startswith(b"\x89PNG") else "JPEG"
    clean = images.clean(raw, kind)
    picture = Image.open(io.BytesIO(clean))
    assert SECRET not in clean and picture.size == (4, 4) and not picture.info.get("icc_profile")


def test_an_animation_is_its_first_frame() -> None:
    clean = Image.open(io.BytesIO(images.clean(_with_frames(), "PNG")))
    assert getattr(clean, "n_frames", 1) == 1 and clean.convert("RGB").getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(
    "raw",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", png()[:40], b"<svg/>", png()[:16] + b"\xff" * 8 + png()[24:]],
    ids=["empty", "another kind", "only a beginning", "cut off", "text", "a size that is not true"],
)
def test_what_is_no_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(images.BadImage):
        images.clean(raw, "PNG")


@pytest.fixture(scope="module")
def drawings() -> Iterator[Drawings]:
    if ladder.bwrap_path() is None and not landlock.abi():
        pytest.skip("no sandbox is to be had here")
    with tempfile.TemporaryDirectory(prefix="kgd-") as folder:
        made = Drawings(Path(folder))
        yield made
        made.close()


def shown(drawings: Drawings, svg: object, **beside: str) -> mime.Bundle:
    return mime.clean_bundle({"image/svg+xml": svg, **beside}, draw=drawings.draw)


def test_a_drawing_becomes_a_picture_of_its_size(drawings: Drawings) -> None:
    bundle = shown(drawings, [SVG[:40], SVG[40:] % ""])
    picture = Image.open(io.BytesIO(base64.b64decode(bundle.data["image/png"]))).convert("RGB")
    assert picture.getpixel((10, 10)) == (255, 0, 0)
    assert set(bundle.data) == {"image/png"} and bundle.metadata["image/png"] == {"width": 60, "height": 20}


def test_text_of_a_drawing_is_drawn_and_not_carried(drawings: Drawings) -> None:
    bundle = shown(drawings, SVG % f"<title>{SECRET.decode()}</title><script>{SECRET.decode()}</script>")
    assert SECRET not in base64.b64decode(bundle.data["image/png"])
    plain = shown(drawings, SVG % "")
    written = shown(drawings, SVG % '<text x="5" y="15" font-size="14">12</text>')
    assert plain.data != written.data


def test_beside_a_picture_a_drawing_is_not_needed(drawings: Drawings) -> None:
    bundle = shown(drawings, SVG % "", **{"image/png": base64.b64encode(png()).decode()})
    assert set(bundle.data) == {"image/png"} and not bundle.dropped


@pytest.mark.parametrize(
    "svg",
    ["", "text", None, 5, [1], SVG % ("<g>" * 100_000), SVG.replace("60", "99999999", 1) % "",
     SVG % '<image href="file:///etc/passwd" width="9" height="9"/><use href="#a"/><g id="a"><use href="#a"/></g>',
     SVG % '<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>', "x" * 11_000_000],
    ids=["empty", "text", "null", "number", "list", "deep", "huge", "file and loop", "remote", "long"],
)  # fmt: skip
def test_a_bad_drawing_harms_nobody(drawings: Drawings, svg: object) -> None:
    bundle = shown(drawings, svg)
    assert set(bundle.data) <= {"image/png"} and bundle.dropped <= {"image"}
    assert shown(drawings, SVG % "").data  # the next one is drawn


def test_without_a_sandbox_there_are_no_drawings(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert Drawings(blocked).draw(SVG % "") is None
    assert mime.clean_bundle({"image/svg+xml": SVG % ""}).dropped == {"image"}
