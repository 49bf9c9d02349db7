"""Runs wait for each other in the order in which they came."""

from __future__ import annotations

import threading
import time

import pytest

from kernel_guard.vault.runner.turns import Turns


def test_one_at_a_time_in_order() -> None:
    turns, seen = Turns(), []
    threads = []

    def run(number: int) -> None:
        with turns.mine():
            seen.append(("begins", number))
            time.sleep(0.01)
            seen.append(("ends", number))

    with turns.mine():
        for number in range(4):
            threads.append(threading.Thread(target=run, args=(number,)))
            threads[-1].start()
            while len(turns._queue) < number + 2:
                time.sleep(0.001)
        assert not seen
    for thread in threads:
        thread.join()
    assert seen == [(what, number) for number in range(4) for what in ("begins", "ends")]
    assert not turns.taken


def test_a_run_that_fails_gives_its_turn_away() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.mine():
        raise ZeroDivisionError
    with turns.mine():
        assert turns.taken
