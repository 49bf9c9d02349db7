"""Write what breaks a careless reader into the result pipe: pickles, Arrow, broken and hostile JSON.

Source: PYSEC-2026-546 and every deserialiser. Must be absent: an effect; a line that is off counts as not handed over.
"""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

from tests.attacks.protected.conftest import Attempt

PICKLED = Path(tempfile.gettempdir(), f"kg-pickled-{secrets.token_hex(8)}")
LINES = {
    "pickle": f"cos\\nsystem\\n(S'touch {PICKLED}'\\ntR.".encode(),
    "arrow": b"ARROW1\\x00\\x00" + b"\\xff" * 64,
    "not a number": b'{"name":"t","kind":"table","columns":[["v","float"]],"rows":[[NaN]],"patients":null}',
    "infinite": b'{"name":"t","kind":"table","columns":[["v","float"]],"rows":[[1e999]],"patients":null}',
    "repeated keys": b'{"name":"t","name":"t","kind":"table","columns":[["v","float"]],"rows":[[1]],"patients":null}',
    "deep": b"[" * 20_000,
    "long digits": b'{"name":"t","kind":"table","columns":[["v","integer"]],"rows":[['
    + b"9" * 9_000
    + b']],"patients":null}',
    "another kind": b'{"name":"t","kind":"script","columns":[["v","float"]],"rows":[[1]],"patients":null}',
    "another type": b'{"name":"t","kind":"table","columns":[["v","object"]],"rows":[[1]],"patients":null}',
    "ragged": b'{"name":"t","kind":"table","columns":[["v","float"]],"rows":[[1,2]],"patients":null}',
    "a dict in a cell": b'{"name":"t","kind":"table","columns":[["v","string"]],"rows":[[{"a":1}]],"patients":null}',
    "one more field": b'{"name":"t","kind":"table","columns":[["v","float"]],"rows":[[1]],"patients":null,"x":1}',
    "broken text": b'{"name":"t","kind":"table","columns":[["\\xff","float"]],"rows":[[1]],"patients":null}',
    "no end of line": b'{"name":"t","kind":"table"',
}
CODE = """
import fcntl
fds = [int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + fd)]
pipes = [fd for fd in fds if "pipe" in os.readlink(f"/proc/self/fd/{fd}") and fcntl.fcntl(fd, fcntl.F_GETFL) & 3]
(pipe,) = pipes
if 0:
    release("t", 0)
for line in {lines}:
    os.write(pipe, line + b"\\n")
"""


def test_payload(attempt: Attempt) -> None:
    left = attempt(CODE.replace("{lines}", repr(list(LINES.values()))))
    assert left.answer["names"] == ["t", "control"]
    (item,) = [w for w in attempt.beside.sealed(left) if w.name == "t"]
    assert item.content is None
    assert not PICKLED.exists()
