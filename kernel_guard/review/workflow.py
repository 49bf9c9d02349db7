"""What people do with requests: each method one deed, with the rule that is its own.

- What every deed has in common (who, when, fresh, written once) is in `deeds.py`; what authors do in `drafting.py`,
  what checkers do in `deciding.py`, how it leaves in `releasing.py`.
"""

from __future__ import annotations

from kernel_guard.review.deciding import Deciding
from kernel_guard.review.drafting import Drafting


class Reviews(Drafting, Deciding):
    """The requests of one store. Safe to use from several threads and processes."""
