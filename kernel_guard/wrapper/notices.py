"""What the guard says in its own name: withheld outputs, notices.

- A withheld output is replaced by why, what and what to do; never by a part of it.
- Texts are constants: nothing that a kernel chose appears in them.
"""

from __future__ import annotations

from typing import Any

from kernel_guard.wrapper.content.mime import OWN_PREFIX

WITHHELD = OWN_PREFIX + "withheld+json"
NOTICE = OWN_PREFIX + "notice+json"

# reason -> (what was withheld, what to do now)
REASONS: dict[str, tuple[str, str]] = {
    "type": (
        "A part of this output has a type that the guard does not pass (scripts, documents, unknown types).",
        "Show it as text, a table, a picture, a Vega or Plotly chart, or JSON.",
    ),
    "script": (
        "This output is drawn by a script in the page, and the guard passes no scripts.",
        "Show it as a picture, or as data: alt.renderers.enable('mimetype') for Altair, "
        "plotly.io.renderers.default = 'plotly_mimetype' for Plotly.",
    ),
    "chart": (
        "This chart would load something from elsewhere, or holds expressions that run as code in the page.",
        "Put the data into the chart and compute derived columns in Python; maps and pictures by address do not pass.",
    ),
    "too_large": (
        "An output is larger than the guard passes (10 MB a message, 30,000 tags of HTML).",
        "Show a part of it: head(), a smaller picture, a summary.",
    ),
    "cell_full": (
        "This cell has shown all that one cell may show (20 MB or 20,000 messages). The rest is withheld.",
        "Print less, or split the work over several cells.",
    ),
    "unreadable": (
        "An output could not be read as a Jupyter message.",
        "Show the value as text; not-a-number values and broken characters cannot be sent as they are.",
    ),
    "image": (
        "A picture could not be decoded or drawn, or has more than 40 million pixels.",
        "Save it as PNG or JPEG, smaller.",
    ),
    "badge": (
        "The kernel tried to make an output in the guard's own name.",
        "Only the guard says that a value was released. Use .release() to have one.",
    ),
    "unknown_release": (
        "This output refers to a release that this kernel never received.",
        "Run the cell that makes the release in this kernel; asking again for the same release costs nothing.",
    ),
    "release_unavailable": (
        "The vault did not give the statement of this release, so it cannot be shown as released.",
        "Run the cell again in a moment; asking again for the same release costs nothing.",
    ),
    "unsigned": (
        "This notebook held an output here that no guarded kernel of this server showed, or that was changed since.",
        "Run the cell again; the output then carries its signature.",
    ),
    "widget": (
        "A widget of a kind that the guard does not pass (only the controls of ipywidgets and approved widgets).",
        "Use the controls, layouts and Output of ipywidgets.",
    ),
}


def withheld(reason: str) -> dict[str, Any]:
    """The bundle in place of a withheld output."""
    what, hint = REASONS[reason]
    return {
        WITHHELD: {"reason": reason, "what": what, "hint": hint},
        "text/plain": f"[withheld by the guard] {what} {hint}",
    }


def notice(level: str, title: str, text: str) -> dict[str, Any]:
    """The bundle of a banner; `level` is info or warning."""
    return {NOTICE: {"level": level, "title": title, "text": text}, "text/plain": f"[{title}] {text}"}
