"""Change the rows, or use the memory that holds them as a message to a later reader.

Source: shared memory as a channel. Must be absent: a changed byte; another run sees the rows as they are.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt

CODE = """
import fcntl, mmap
changed = []
for name in os.listdir("/proc/self/fd"):
    path = "/proc/self/fd/" + name
    try:
        target = os.readlink(path)
        if "memfd" not in target:
            continue
        fd = os.open(path, os.O_RDWR)
        for attempt in (lambda: os.write(fd, secret.encode()), lambda: os.ftruncate(fd, 1),
                        lambda: mmap.mmap(fd, 4096, prot=mmap.PROT_WRITE)):
            try:
                attempt(); changed.append(target)
            except (OSError, ValueError):
                pass
    except OSError:
        pass
assert not changed, changed
"""


def test_writing_the_rows(attempt: Attempt) -> None:
    attempt(CODE)
    attempt("assert len(person) == 160 and number > 9")
