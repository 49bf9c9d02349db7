"""A very small assembler for classic BPF, enough for a system call filter.

- No libseccomp: the output is the raw `struct sock_filter[]` that seccomp(2) takes.
- A block ends in a return on every path, so control never falls from one block into the next.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06
_NUMBER_OFFSET, _ARCH_OFFSET, _ARGUMENTS_OFFSET = 0, 4, 16
LONGEST = 4096  # instructions; the kernel's BPF_MAXINSNS


def errno(number: int) -> int:
    """The return value that makes a call fail with this errno; 0 pretends success without doing anything."""
    return _ERRNO | number


class Program:
    """Instructions in order; every method appends and returns the program."""

    def __init__(self) -> None:
        self._code: list[tuple[int, int, int, int]] = []

    def __len__(self) -> int:
        return len(self._code)

    def _add(self, code: int, value: int, if_true: int = 0, if_false: int = 0) -> Program:
        self._code.append((code, if_true, if_false, value & 0xFFFFFFFF))
        return self

    def answer(self, value: int) -> Program:
        return self._add(_RETURN, value)

    def load_number(self) -> Program:
        return self._add(_LOAD, _NUMBER_OFFSET)

    def load_arch(self) -> Program:
        return self._add(_LOAD, _ARCH_OFFSET)

    def load_argument(self, index: int, *, high: bool = False) -> Program:
        """The low or high 32 bits of a call's argument (both architectures are little endian)."""
        return self._add(_LOAD, _ARGUMENTS_OFFSET + 8 * index + (4 if high else 0))

    def when_equal(self, value: int, then: int) -> Program:
        return self._add(_EQUAL, value, 0, 1).answer(then)

    def unless_equal(self, value: int, then: int) -> Program:
        return self._add(_EQUAL, value, 1, 0).answer(then)

    def when_at_least(self, value: int, then: int) -> Program:
        return self._add(_AT_LEAST, value, 0, 1).answer(then)

    def when_above(self, value: int, then: int) -> Program:
        return self._add(_ABOVE, value, 0, 1).answer(then)

    def when_any_bit(self, mask: int, then: int) -> Program:
        return self._add(_ANY_BIT, mask, 0, 1).answer(then)

    def when_between(self, low: int, high: int, then: int) -> Program:
        return self._add(_AT_LEAST, low, 0, 2)._add(_ABOVE, high, 1, 0).answer(then)

    def for_call(self, number: int, body: Program) -> Program:
        """Run `body` when the loaded number is this call; a body is at most 255 instructions."""
        self._add(_EQUAL, number, 0, len(body))
        self._code += body._code
        return self

    def raw(self) -> bytes:
        if len(self._code) >= LONGEST:
            raise ValueError("The filter is longer than the kernel takes.")
        return b"".join(struct.pack("HBBI", *instruction) for instruction in self._code)


def choose(argument: int, values: Iterable[int], then: int, otherwise: int) -> Program:
    """A body that answers `then` when the argument is one of the values."""
    body = Program().load_argument(argument)
    for value in values:
        body.when_equal(value, then)
    return body.answer(otherwise)


def always(value: int) -> Program:
    """A body that gives one answer whatever the arguments are."""
    return Program().answer(value)
