"""Rows as pandas frames with the dtypes that mock rows have, so that code meets the same types in both places."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_DATES = ("date", "datetime")


def read_frame(fd: int, types: dict[str, str]) -> pd.DataFrame:
    """The frame in a descriptor that holds an Arrow stream, mapped and not copied; `types` are the declared ones."""
    import pandas as pd
    import pyarrow as pa

    size = os.fstat(fd).st_size
    with pa.ipc.open_stream(pa.py_buffer(mmap.mmap(fd, size, prot=mmap.PROT_READ))) as reader:
        table = reader.read_all()
    return pd.DataFrame({name: _series(table.column(name), kind) for name, kind in types.items()})


def _series(column: Any, kind: str) -> Any:
    import pandas as pd

    if kind in _DATES:
        return pd.to_datetime(column.to_pandas()).astype("datetime64[s]")
    dtypes = {"integer": pd.Int64Dtype(), "float": pd.Float64Dtype(), "boolean": pd.BooleanDtype()}
    return column.to_pandas(types_mapper=lambda _: dtypes.get(kind, pd.StringDtype()))
