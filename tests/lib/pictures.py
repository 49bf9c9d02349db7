"""Pictures for people: taken anew when `KERNEL_GUARD_PICTURES=update`, and small."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PIL import Image

UPDATE = os.environ.get("KERNEL_GUARD_PICTURES") == "update"
README_PICTURES = Path(__file__).parents[2] / "docs" / "images"
MOST_README_BYTES = 150_000
OVER_ALL = ".Toastify__toast:visible, .jp-KernelGuard-tour:visible, .jp-Dialog:visible"


def shrink(picture: Path) -> None:
    """256 colours are enough to look at and to compare with, at a third of the size."""
    Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


def readme_picture(page: Any, name: str) -> None:
    """The page as the README shows it: nothing may lie over it, whether or not the picture is taken anew."""
    assert page.locator(OVER_ALL).count() == 0, page.locator(OVER_ALL).all_inner_texts()
    if UPDATE:
        page.screenshot(path=README_PICTURES / f"{name}.png", animations="disabled", caret="hide")
        shrink(README_PICTURES / f"{name}.png")
