"""Expected error against cost: the same question at several prices, as a table and as a curve.

- Made of quotes, which are free; nothing is asked of the data.
- Where an error depends on the data it is that of a cell of 1,000 values spread evenly; the quote says so.
- The ε of a price in ρ is the one that it implies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kernel_guard.client import display
from kernel_guard.client.quote import Quote

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """One question at several prices."""

    words: str
    quotes: tuple[Quote, ...]

    @property
    def data(self) -> pd.DataFrame:
        """ε and, per measure, the expected error: a row for each price."""
        import pandas as pd

        rows = [
            {"epsilon": float(q.cost.epsilon), **{e.measure: e.error for e in q.errors}, "more": q.more}
            for q in self.quotes
        ]
        return pd.DataFrame(rows).set_index("epsilon")

    def plot(self, **options: Any) -> Any:
        """The curves, on logarithmic axes, with matplotlib through pandas."""
        errors = self.data.drop(columns="more").dropna(axis="columns", how="all").astype(float)
        axes = errors.plot(loglog=True, marker="o", **options)
        axes.set_xlabel("cost (ε)")
        axes.set_ylabel("expected error (±)")
        return axes

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        names = [e.measure for e in self.quotes[0].errors] if self.quotes else []
        head = ("cost", *(f"{name} ±" for name in names), "such questions left")
        return head, [
            (
                q.cost_text,
                *(display.figure(e.error) if e.error is not None else e.text or "—" for e in q.errors),
                "—" if q.more is None else f"{q.more:,}",
            )
            for q in self.quotes
        ]

    def __repr__(self) -> str:
        return f"Question: {self.words}\n{display.text_table(*self._table())}"

    def _repr_html_(self) -> str:
        note = "From public facts alone; nothing has been asked of the data."
        return display.box(f"Question: {self.words}", display.html_table(*self._table()), note=note)
