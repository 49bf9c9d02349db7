"""The life of a reservation, as data.

    reserved ──touch──► touched ──commit──► committed     paid, with a release
        │                  └─────settle───► settled       paid, without one
        └──cancel──► cancelled                            nothing was paid, no row was read

- `touched` is durable before the first row is read. From there on the cost stands, whatever happens: a failure
  may depend on the data, so a refund would be an answer.
- The database holds the same table in a trigger; a test compares them.
"""

from __future__ import annotations

import enum


class State(enum.StrEnum):
    RESERVED = "reserved"
    TOUCHED = "touched"
    COMMITTED = "committed"
    SETTLED = "settled"
    CANCELLED = "cancelled"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.RESERVED: frozenset({State.TOUCHED, State.CANCELLED}),
    State.TOUCHED: frozenset({State.COMMITTED, State.SETTLED}),
    State.COMMITTED: frozenset(),
    State.SETTLED: frozenset(),
    State.CANCELLED: frozenset(),
}
OPEN = frozenset({State.RESERVED, State.TOUCHED})
CHARGED = frozenset({State.COMMITTED, State.SETTLED})
# While one of these exists, an identical question of the same project is not paid again.
ANSWERING = OPEN | {State.COMMITTED}
