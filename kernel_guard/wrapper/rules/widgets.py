"""Which widget models may be shown, and what may be in their state.

- Modules: ipywidgets' base, controls and output, by model name; a script that a kernel brings along is never loaded.
- anywidget is a script in the state: it passes only when the digests of its script and style are approved.
- HTML values are sanitised, pictures encoded again, styles have no functions that fetch, outputs inside an Output
  widget follow the rules of outputs.
- Fields that name what JavaScript to load are compared with the list on every message, not only on the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kernel_guard.wrapper.content import html, images, json_value, text
from kernel_guard.wrapper.rules import approved
from kernel_guard.wrapper.rules.actions import Case, Comm
from kernel_guard.wrapper.rules.outputs import clean_output

BASE = "@jupyter-widgets/base"
CONTROLS = "@jupyter-widgets/controls"
OUTPUT = "@jupyter-widgets/output"
ANYWIDGET = "anywidget"
_INPUTS = (
    "Button Checkbox ColorPicker Combobox DatePicker Datetime NaiveDatetime Time FileUpload Password Text Textarea"
)
_NUMBERS = (
    "IntText BoundedIntText IntSlider IntProgress IntRangeSlider Play FloatText BoundedFloatText FloatSlider "
    "FloatLogSlider FloatProgress FloatRangeSlider TagsInput ColorsInput FloatsInput IntsInput"
)
_CHOICES = (
    "ToggleButton ToggleButtons Valid Dropdown RadioButtons Select SelectMultiple SelectionSlider SelectionRangeSlider"
)
_LAYOUTS = "Box VBox HBox GridBox Accordion Tab Stack"
_SHOWN = "Label HTML HTMLMath Image"
_LINKS = "Link DirectionalLink"
_STYLES = (
    "DescriptionStyle CheckboxStyle ToggleButtonStyle ButtonStyle SliderStyle ProgressStyle ToggleButtonsStyle "
    "LabelStyle TextStyle HTMLStyle HTMLMathStyle"
)
_NAMES = " ".join((_INPUTS, _NUMBERS, _CHOICES, _LAYOUTS, _SHOWN, _LINKS, _STYLES)).split()
MODELS = (
    {(CONTROLS, f"{name}Model") for name in _NAMES}
    | {(BASE, "LayoutModel"), (OUTPUT, "OutputModel"), (ANYWIDGET, "AnyModel")}
)  # fmt: skip
_KEY = re.compile(r"[A-Za-z_]\w{0,63}\Z")
_VERSION = re.compile(r"[~^]?[\d.*a-z-]{1,20}\Z")
_VIEW = re.compile(r"[A-Z]\w{0,60}View\Z")
_CSS_CLASS = re.compile(r"(?!jp-|lm-|jupyter|kg-|kernel-guard|p-)[A-Za-z][\w-]{0,63}\Z")
_CSS = re.compile(r"[\w\s.,%#()/\-+*!|\[\]\"']{0,512}\Z")
_CSS_CALL = re.compile(r"([\w-]*)\(")
_CSS_CALLS = frozenset(
    {
        "",
        "rgb",
        "rgba",
        "hsl",
        "hsla",
        "calc",
        "min",
        "max",
        "clamp",
        "minmax",
        "repeat",
        "var",
        "fit-content",
    }
)
_FOCUS = ({"do": "focus"}, {"do": "blur"})


@dataclass(frozen=True)
class Kept:
    """A comm's data as it may pass, with the buffers that belong to it."""

    data: dict[str, Any]
    buffers: tuple[bytes, ...] = ()


def model_of(state: Any) -> tuple[str, str]:
    """Module and name of the model that a state describes."""
    if not isinstance(state, dict):
        return "", ""
    return str(state.get("_model_module")), str(state.get("_model_name"))


def may_open(state: Any) -> bool:
    """Is this a model that may be shown?"""
    module, model = model_of(state)
    if (module, model) not in MODELS:
        return False
    if module == ANYWIDGET:
        return approved.is_approved(state.get("_esm"), state.get("_css"))
    return True


def version_of(value: Any) -> str:
    """A module version, as npm writes one."""
    return value if isinstance(value, str) and _VERSION.match(value) else "*"


def clean_state(comm: Comm, state: dict[str, Any], paths: list[Any], buffers: Sequence[bytes], case: Case) -> Kept:
    """The part of a state that may pass, with its buffers."""
    kept: dict[str, Any] = {}
    for key, value in state.items():
        if _KEY.match(key):
            try:
                kept[key] = _value(comm, key, value, case)
            except (_Refused, json_value.BadValue, html.TooComplex):
                continue
    if "description_allow_html" in kept:
        kept["description_allow_html"] = False
    kept_paths, kept_buffers = _buffers(comm, kept, paths, buffers)
    return Kept({"state": kept, "buffer_paths": kept_paths}, kept_buffers)


def clean_custom(comm: Comm, content: Any, buffers: tuple[bytes, ...]) -> Kept | None:
    """A custom message: focus for the controls, anything for a script that was approved."""
    if comm.module != ANYWIDGET:
        return Kept({"method": "custom", "content": dict(content)}) if content in _FOCUS else None
    try:
        return Kept({"method": "custom", "content": json_value.rebuild(content)}, buffers)
    except json_value.BadValue:
        return None


class _Refused(Exception):
    """The value may not be in this field."""


def _value(comm: Comm, key: str, value: Any, case: Case) -> Any:
    if key in _LOADING:
        return _LOADING[key](comm, value)
    if comm.module == OUTPUT and key == "outputs":
        return [clean for one in value[:1_000] if (clean := clean_output(one, case))] if isinstance(value, list) else []
    rebuilt = json_value.rebuild(value)
    if comm.model == "LayoutModel" or comm.model.endswith("StyleModel"):
        return _css(rebuilt)
    if comm.model in ("HTMLModel", "HTMLMathModel") and key in ("value", "description"):
        return text.clean_tex(html.clean(rebuilt)) if isinstance(rebuilt, str) else ""
    if comm.model == "ImageModel" and key in ("value", "format"):
        # The bytes come as a buffer; format "url" would make the browser fetch whatever they name.
        raise _Refused
    return _plain(rebuilt) if comm.module == CONTROLS else rebuilt


def _plain(value: Any) -> Any:
    """Labels are typeset: a formula may not make a link."""
    return text.clean_tex(value) if isinstance(value, str) else value


def _css(value: Any) -> Any:
    if not isinstance(value, str):
        if isinstance(value, list | dict):
            raise _Refused
        return value
    calls = {name.lower() for name in _CSS_CALL.findall(value)}
    if not _CSS.match(value) or not calls <= _CSS_CALLS:
        raise _Refused
    return value


def _same(expected: Callable[[Comm], str]) -> Callable[[Comm, Any], str]:
    def check(comm: Comm, value: Any) -> str:
        if value != expected(comm):
            raise _Refused
        return expected(comm)

    return check


def _view_module(comm: Comm, value: Any) -> str:
    allowed = (ANYWIDGET,) if comm.module == ANYWIDGET else (BASE, CONTROLS, OUTPUT)
    if value not in allowed:
        raise _Refused
    return str(value)


def _view_name(_comm: Comm, value: Any) -> str | None:
    if value is None or (isinstance(value, str) and _VIEW.match(value)):
        return value
    raise _Refused


def _classes(_comm: Comm, value: Any) -> list[str]:
    """No class of JupyterLab or of the guard: a widget could dress up as a dialog or as a badge."""
    given = value if isinstance(value, list) else []
    return [one for one in given[:50] if isinstance(one, str) and _CSS_CLASS.match(one)]


def _script(_comm: Comm, value: Any) -> str:
    if not approved.is_approved(value, None):
        raise _Refused
    return str(value)


def _style(_comm: Comm, value: Any) -> str | None:
    if not approved.is_approved_style(value):
        raise _Refused
    return None if value is None else str(value)


def _widget_id(_comm: Comm, value: Any) -> str:
    return text.clean_line(value, 200) if isinstance(value, str) else ""


_LOADING: dict[str, Callable[[Comm, Any], Any]] = {
    "_model_module": _same(lambda comm: comm.module),
    "_model_name": _same(lambda comm: comm.model),
    "_model_module_version": lambda _comm, value: version_of(value),
    "_view_module": _view_module,
    "_view_module_version": lambda _comm, value: version_of(value),
    "_view_name": _view_name,
    "_dom_classes": _classes,
    "_esm": _script,
    "_css": _style,
    "_anywidget_id": _widget_id,
}


def _buffers(
    comm: Comm, kept: dict[str, Any], paths: list[Any], buffers: Sequence[bytes]
) -> tuple[list[list[Any]], tuple[bytes, ...]]:
    """Bytes pass for a picture, encoded again, and for an approved script; elsewhere nothing reads them."""
    out_paths: list[list[Any]] = []
    out: list[bytes] = []
    for path, buffer in zip(paths, buffers, strict=False):
        clean = _buffer(comm, kept, path, buffer)
        if clean is not None:
            out_paths.append(path)
            out.append(clean)
    return out_paths, tuple(out)


def _buffer(comm: Comm, kept: dict[str, Any], path: Any, buffer: bytes) -> bytes | None:
    if comm.module == ANYWIDGET:
        return buffer if isinstance(path, list) and all(isinstance(p, str | int) for p in path) else None
    if comm.model != "ImageModel" or path != ["value"]:
        return None
    kind = "JPEG" if buffer.startswith(b"\xff\xd8") else "PNG"
    try:
        clean = images.clean(buffer, kind)
    except images.BadImage:
        return None
    kept["format"] = kind.lower()
    return clean
