"""Which outputs a notebook may keep when it is saved: those that a guarded kernel of this server has shown.

- An output that is unsigned, or was changed, is replaced by a notice; code and text are the author's own and stay.
- Of an output's metadata only the label and a picture's size stay: nothing vouches for the rest.
- The state of widgets is not saved: nothing vouches for what an Output widget caught. They come back with their cell.
- The seal of a cell is copied from the kernel's journal into the cell, so that it travels with the file.
- Raises on what is not a notebook: the caller then refuses the save.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kernel_guard.trust.labels import CELL, KEY
from kernel_guard.wrapper.content.mime import sizes
from kernel_guard.wrapper.notebook.journals import Journals
from kernel_guard.wrapper.notebook.judge import NOT_OURS, WIDGETS, Judge, Verdict
from kernel_guard.wrapper.notebook.notice import replacement
from kernel_guard.wrapper.published_key import prepare, read_public_keys
from kernel_guard.wrapper.seals import FOLDER
from kernel_guard.wrapper.settings import public_file

Json = dict[str, Any]


class Admission:
    """A check for `GuardContentsManager.admit_notebook`."""

    def __init__(self, key_file: str | Path) -> None:
        prepare(key_file)
        self._public = public_file(key_file)
        self._journals = Journals(Path(key_file).with_name(FOLDER))

    def __call__(self, notebook: Json) -> Json:
        """The notebook as it may be written."""
        self._journals.refresh()
        judge = Judge(read_public_keys([self._public]), self._journals.find)
        metadata = {name: value for name, value in notebook.get("metadata", {}).items() if name != WIDGETS}
        return {**notebook, "metadata": metadata, "cells": [admit_cell(cell, judge) for cell in notebook["cells"]]}


def admit_cell(cell: Json, judge: Judge) -> Json:
    """The cell with its proven outputs and notices for the others."""
    if cell["cell_type"] != "code":
        return {name: value for name, value in cell.items() if name != "outputs"}
    verdicts = judge.cell(cell)
    outputs = [_admit(output, verdict) for output, verdict in zip(cell["outputs"], verdicts, strict=True)]
    seals = [verdict.proof for verdict in verdicts if verdict.proof and verdict.proof.get("zone") == CELL]
    metadata = {name: value for name, value in cell["metadata"].items() if name != KEY}
    return {**cell, "outputs": outputs, "metadata": {**metadata, KEY: seals[-1]} if seals else metadata}


def _admit(output: Json, verdict: Verdict) -> Json:
    if verdict.kind == NOT_OURS:
        return replacement()
    match output["output_type"]:
        case "stream":
            return {name: output[name] for name in ("output_type", "name", "text")}
        case "error":
            return {name: output[name] for name in ("output_type", "ename", "evalue", "traceback")}
        case _:
            label = {KEY: verdict.proof} if verdict.proof else {}
            kept: Json = {name: output[name] for name in ("output_type", "data", "execution_count") if name in output}
            return {**kept, "metadata": {**sizes(output["metadata"], output["data"]), **label}}
