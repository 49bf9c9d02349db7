"""The stories of `tests/galata` in light, dark and Chinese, each compared with its reference picture.

- On a demo of its own: what others asked would show in the pictures.
- `KERNEL_GUARD_PICTURES=update` takes new references. Look at each before it is committed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jupyterlab.galata
import pytest

from tests.lib.pictures import UPDATE, shrink
from tests.ui.conftest import CHROMIUM, SHOTS, Demo, running_demo

pytestmark = [pytest.mark.ui, pytest.mark.slow]
STORIES = Path(__file__).parents[1] / "galata"
REFERENCES = STORIES / "references"
EXTENSION = Path(jupyterlab.galata.__file__).parent / "@jupyterlab" / "galata-extension"
MOST_BYTES = 600_000


def environment(demo: Demo) -> dict[str, str]:
    url = urlsplit(demo.url)
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NODE_USE_SYSTEM_CA": "1",
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
        "CHROMIUM": str(CHROMIUM),
        "TARGET_URL": f"{url.scheme}://{url.netloc}",
        "KERNEL_GUARD_TOKEN": parse_qs(url.query)["token"][0],
        "KERNEL_GUARD_OUTPUT": str(SHOTS / "galata"),
        "GALATA_EXTENSION": str(EXTENSION),
    }


def run(*command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=STORIES, env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package 'chromium'")
    with running_demo(tmp_path_factory.mktemp("stories")) as demo:
        env = environment(demo)
        if not (STORIES / "node_modules").is_dir():
            installed = run("jlpm", "install", env=env)
            assert installed.returncode == 0, installed.stdout[-3000:] + installed.stderr[-3000:]
        if UPDATE:
            shutil.rmtree(REFERENCES, ignore_errors=True)
        done = run("jlpm", "playwright", "test", *(["--update-snapshots"] if UPDATE else []), env=env)
    for picture in REFERENCES.rglob("*.png") if UPDATE else []:
        shrink(picture)
    return done


def test_every_story_looks_as_its_reference(stories: Any) -> None:
    assert stories.returncode == 0, stories.stdout[-6000:] + stories.stderr[-2000:]


def test_each_look_has_the_same_pictures_and_all_are_small() -> None:
    looks = {look.name: sorted(one.name for one in look.glob("*.png")) for look in REFERENCES.iterdir()}
    assert set(looks) == {"light", "dark", "chinese"}
    assert looks["light"] == looks["dark"] == looks["chinese"] and len(looks["light"]) >= 10
    assert sum(picture.stat().st_size for picture in REFERENCES.rglob("*.png")) < MOST_BYTES


def test_the_stories_ask_for_the_versions_that_the_extension_is_built_with() -> None:
    """The registry has packages of a train that do not go together: both pin the same ones."""
    pinned, built = (
        json.loads(path.read_text())["resolutions"]
        for path in (STORIES / "package.json", STORIES.parents[1] / "extension" / "package.json")
    )
    assert pinned == built
