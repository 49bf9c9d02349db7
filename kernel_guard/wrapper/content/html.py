"""HTML from the kernel, reduced to what a table of results needs.

- Allow-list of tags; the attributes `class`, `colspan`, `rowspan` and nothing else: no URL, no style, no data-*.
- Classes of tables that pandas and statsmodels write; any other class could borrow the page's own looks (a dialog,
  a badge) and is dropped.
- Script, style and embedded content go with everything inside them.
"""

from __future__ import annotations

import re

import nh3

MAX_CHARACTERS = 5_000_000
# The parser's time grows with the square of the nesting: 240,000 open <div> held it for two minutes. 30,000 tags are
# twelve times what pandas writes by default and cost at most about two seconds however they are nested.
MAX_TAGS = 30_000
_TAGS = {
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "br", "hr", "pre", "code", "blockquote"),
    *("b", "i", "u", "s", "em", "strong", "small", "sub", "sup", "mark", "kbd", "samp", "var", "abbr"),
    *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary"),
}
_GONE = {
    *("script", "style", "template", "noscript", "iframe", "frame", "object", "embed", "svg", "math"),
    *("title", "head", "textarea", "select", "audio", "video", "canvas"),
}
_SPANNED = {tag: {"colspan", "rowspan", "class"} for tag in ("td", "th")}
_ATTRIBUTES = {tag: {"class"} for tag in _TAGS} | _SPANNED
_CLASS = re.compile(
    r"(?:dataframe|simpletable|docutils|(?:row|col)(?:\d{1,6}|_heading)|level\d{1,3}|data|blank|null|index_name"
    r"|table(?:-(?:bordered|striped|hover|sm))?|text-(?:left|right|center)|tex2jax_ignore|lmtable\w{0,20})\Z"
)
_NUMBER = re.compile(r"\d{1,5}\Z")


class TooComplex(Exception):
    """More markup than a browser should be given."""


def clean(html: str) -> str:
    """Sanitised HTML; raises `TooComplex` where cleaning or showing it would stall."""
    if len(html) > MAX_CHARACTERS or html.count("<") > MAX_TAGS:
        raise TooComplex
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=set(),
        link_rel=None,
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split()[:16] if _CLASS.match(word)) or None
    return value if _NUMBER.match(value) else None
