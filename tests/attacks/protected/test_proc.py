"""Read other processes, and write where others may read, through /proc and /sys.

Source: CVE-2024-21626 and its kin. Must be absent: other processes, and counters that move.
"""

from __future__ import annotations

from pathlib import Path

from tests.attacks.protected.conftest import Attempt

CODE = """
mine = {str(pid) for pid in range(1, 64)}
others = [name for name in os.listdir("/proc") if name.isdigit() and name not in mine]
assert not others, others
open("/proc/self/comm", "w").write(secret[:15])
for name in ("stat", "loadavg", "meminfo", "uptime"):
    text = open("/proc/" + name).read()
    assert text == open("/proc/" + name).read()
written = []
for path in ("/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/kernel/mm/ksm/run", "/proc/1/oom_score_adj"):
    try:
        open(path, "w").write(secret); written.append(path)
    except OSError:
        pass
assert not written, written
"""


def test_proc(attempt: Attempt) -> None:
    attempt(CODE)
    names = {path.read_text(errors="replace").strip() for path in Path("/proc").glob("[0-9]*/comm")}
    assert not [name for name in names if name.startswith("canary")]
