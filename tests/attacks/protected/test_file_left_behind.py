"""Write the row everywhere it can be written, for a later run (or another project) to pick up.

Source: persistence. Must be absent: the files, in the next run and on the vault's disk.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.attacks.protected.conftest import Attempt

WRITE = """
import tempfile
home = os.environ["HOME"]
for folder in (tempfile.gettempdir(), "/var/tmp", "/dev/shm", home, "/run", "/run/guard", "/", os.getcwd()):
    try:
        with open(f"{folder}/left-{secret}", "w") as file:
            file.write(secret)
    except OSError:
        pass
assert os.path.exists(f"{tempfile.gettempdir()}/left-{secret}")
"""
LOOK = """
import glob, tempfile
places = (tempfile.gettempdir(), "/var/tmp", "/dev/shm", os.environ["HOME"], "/run", "/run/guard", "/", os.getcwd())
assert not [path for place in places for path in glob.glob(f"{place}/left-*")]
"""


def test_file_left_behind(attempt: Attempt) -> None:
    left = attempt(WRITE)
    assert not left.files
    attempt(LOOK)
    here = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm"), Path.home())
    assert not [path for place in here for path in place.glob("left-canary*")]
