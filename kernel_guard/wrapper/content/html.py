"""HTML from the kernel, reduced to what tables, summaries and diagrams of results need.

- Allow-list of tags and attributes: no URL, no event, no data-*, no link, no form but a check box that opens a part.
- Classes that pandas and statsmodels give their tables stay; every other class, and every id, gets another name: none
  can borrow the page's own looks (a dialog, a badge) or be found by the page's own code.
- Styles are rebuilt (`css`) and confined: an output with styles is one block that paints nothing outside itself.
- Script and embedded content go with everything inside them.
- The sanitiser is loaded at the first HTML: a kernel at rest holds memory for none.
"""

from __future__ import annotations

import functools
import hashlib
import re

from kernel_guard.wrapper.content import css

MAX_CHARACTERS = 5_000_000
# The parser's time grows with the square of the nesting: 240,000 open <div> held it for two minutes. 30,000 tags are
# twelve times what pandas writes by default and cost at most about two seconds however they are nested.
MAX_TAGS = 30_000
_TAGS = {
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "br", "hr", "pre", "code", "blockquote"),
    *("b", "i", "u", "s", "em", "strong", "small", "sub", "sup", "mark", "kbd", "samp", "var", "abbr"),
    *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "label", "input"),
}
_GONE = {
    *("script", "style", "template", "noscript", "iframe", "frame", "object", "embed", "svg", "math"),
    *("title", "head", "textarea", "select", "audio", "video", "canvas"),
}
_COMMON = {"class", "style", "id"}
_MORE = {
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "label": {"for"},
    "input": {"type"},
    "table": {"border"},
    "div": {"hidden"},
    "details": {"open"},
}
_ATTRIBUTES = {tag: _COMMON | _MORE.get(tag, set()) for tag in _TAGS}
_CLASS = re.compile(
    r"(?:dataframe|simpletable|docutils|(?:row|col)(?:\d{1,6}|_heading)|level\d{1,3}|data|blank|null|index_name"
    r"|table(?:-(?:bordered|striped|hover|sm))?|text-(?:left|right|center)|tex2jax_ignore|lmtable\w{0,20})\Z"
)
_NAME = re.compile(r"[A-Za-z_][\w-]{0,99}\Z")
_NUMBER = re.compile(r"\d{1,5}\Z")
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ANCHOR = re.compile(r"<(/?)a(?=[\s>/])", re.IGNORECASE)
_NO_CHECK_BOX = re.compile(r'<input(?![^>]* type="checkbox")[^>]*>')
# Painting ends at the block's edge, whatever position or margin is in it; it is as wide as what it holds needs.
_CONFINED = "contain: paint; position: relative; overflow: auto; max-width: 100%"


class TooComplex(Exception):
    """More markup than a browser should be given."""


class NeedsScript(Exception):
    """Without its script the output shows nothing."""


def clean(html: str) -> str:
    """Sanitised HTML; raises `TooComplex` where showing it would stall, `NeedsScript` where nothing is left of it."""
    if len(html) > MAX_CHARACTERS or html.count("<") > MAX_TAGS:
        raise TooComplex
    import nh3

    scope = "kgs-" + hashlib.blake2b(html.encode("utf-8", "replace"), digest_size=8).hexdigest()
    styles = _STYLE.findall(html) if "<style" in html.lower() else []
    body = nh3.clean(
        _ANCHOR.sub(r"<\1span", html),
        tags=_TAGS,
        clean_content_tags=_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=functools.partial(_attribute, scope),
        url_schemes=set(),
        link_rel=None,
    )
    if _SCRIPT.search(html) and not _TAG.sub("", body).strip():
        raise NeedsScript
    if "<input" in body:
        body = _NO_CHECK_BOX.sub("", body)
    sheet = css.stylesheet("\n".join(styles), scope, _class_name, functools.partial(_id_name, scope)) if styles else ""
    if not sheet and " style=" not in body:
        return body
    style = f"<style>\n{sheet}\n</style>" if sheet else ""
    return f'<div class="{scope}" style="{_CONFINED}">{style}{body}</div>'


def _attribute(scope: str, _tag: str, name: str, value: str) -> str | None:
    match name:
        case "class":
            return " ".join(map(_class_name, filter(_NAME.match, value.split()[:16]))) or None
        case "id" | "for":
            return _id_name(scope, value) if _NAME.match(value) else None
        case "style":
            return css.declarations(value) or None
        case "type":
            return value if value == "checkbox" else None
        case "hidden" | "open":
            return ""
        case _:
            return value if _NUMBER.match(value) else None


def _class_name(name: str) -> str:
    return name if _CLASS.match(name) else f"x-{name}"


def _id_name(scope: str, name: str) -> str:
    return f"{scope}-{name}"
