"""What the guard leaves open, tried and measured: ways past the rules from the kernel to the person who runs it."""

from __future__ import annotations

import time

import pytest

from tests.lib.arena import ATTACKS, Attack, Ring, load

OPEN = {attack.open: attack for attack in map(load, ATTACKS) if attack.open}
_BITS = 64


def _play(ring: Ring, attack: Attack) -> str:
    ring.prepare()
    ring.execute(attack.code)
    return "".join(f"{byte:08b}" for byte in ring.secret.encode())[:_BITS]


def _tell(capsys: pytest.CaptureFixture[str], attack: Attack, bits: int, seconds: float) -> None:
    with capsys.disabled():
        print(f"\n{attack.path.stem}: {bits / seconds:.0f} bit/s")


@pytest.mark.slow
def test_time(guarded_ring: Ring, capsys: pytest.CaptureFixture[str]) -> None:
    attack = OPEN["cells"]
    sent = _play(guarded_ring, attack)
    began, heard = time.monotonic(), ""
    for number in range(_BITS):
        start = time.monotonic()
        guarded_ring.execute(f"cell({number})", silent=True)
        heard += "1" if time.monotonic() - start > 0.02 else "0"
    _tell(capsys, attack, _BITS, time.monotonic() - began)
    assert sum(a == b for a, b in zip(sent, heard, strict=True)) > _BITS * 0.8


@pytest.mark.slow
def test_lengths(guarded_ring: Ring, capsys: pytest.CaptureFixture[str]) -> None:
    attack = OPEN["lengths"]
    guarded_ring.prepare()
    began = time.monotonic()
    messages = guarded_ring.execute(attack.code)
    lengths = [len(m["content"]["data"]["text/plain"]) for m in messages if m["msg_type"] == "display_data"]
    _tell(capsys, attack, 8 * len(lengths), time.monotonic() - began)
    assert bytes(lengths).decode() == guarded_ring.secret


@pytest.mark.slow
def test_memory(guarded_ring: Ring, capsys: pytest.CaptureFixture[str]) -> None:
    attack = OPEN["memory"]
    sent = _play(guarded_ring, attack)
    began, used = time.monotonic(), []
    for number in range(_BITS):
        guarded_ring.execute(f"cell({number})", silent=True)
        used.append(guarded_ring.memory())
    _tell(capsys, attack, _BITS, time.monotonic() - began)
    middle = (min(used) + max(used)) / 2
    heard = "".join("1" if one > middle else "0" for one in used)
    assert sum(a == b for a, b in zip(sent, heard, strict=True)) > _BITS * 0.8
