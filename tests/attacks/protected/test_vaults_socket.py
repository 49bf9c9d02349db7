"""Reach the vault's own door, its data, its database and its keys from beside the rows.

Source: confused deputy. Must be absent: any of the files, seen or opened.
"""

from __future__ import annotations

from pathlib import Path

from tests.attacks.protected.conftest import Attempt

CODE = """
opened = []
for path in {paths}:
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_PATH):
        for prefix in ("", "/proc/self/root", "/proc/1/root", "/proc/self/cwd/../.."):
            try:
                opened.append(os.open(prefix + path, flags))
            except OSError:
                pass
assert not opened
"""


def test_vaults_socket(attempt: Attempt) -> None:
    files = [str(path) for path in attempt.beside.folder.rglob("*") if path.is_file()]
    assert {".parquet", ".sqlite", ".key"} <= {Path(name).suffix for name in files}
    attempt(CODE.replace("{paths}", repr([*files, str(attempt.beside.folder)])))
