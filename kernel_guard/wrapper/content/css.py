"""Styles from the kernel, rebuilt from allow-lists and confined to the output that they came with.

- What is sent is made here from checked pieces: a property, a value or a selector that is not understood is gone, so
  nothing depends on reading CSS as a browser does.
- No value can fetch: no url(), no image(), no escapes, no strings but the text of ::before and ::after.
- Every selector begins with the output's own class; names of classes and ids are changed as in the HTML. So no rule
  can reach the page, and no output can wear the page's looks.
- At-rules go: what they import or depend on is outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

MAX_STYLE = 300_000
MAX_RULES = 10_000
_PROPERTIES = frozenset(
    """
    align-items align-self background background-color background-image background-position background-repeat
    background-size border border-bottom border-bottom-color border-bottom-left-radius border-bottom-right-radius
    border-bottom-style border-bottom-width border-collapse border-color border-left border-left-color
    border-left-style border-left-width border-radius border-right border-right-color border-right-style
    border-right-width border-spacing border-style border-top border-top-color border-top-left-radius
    border-top-right-radius border-top-style border-top-width border-width box-shadow box-sizing caption-side clear
    clip-path color column-gap content cursor direction display empty-cells flex flex-basis flex-direction flex-flow
    flex-grow flex-shrink flex-wrap float font font-family font-size font-style font-variant font-weight gap
    grid-column grid-row grid-template-columns grid-template-rows height inset justify-content letter-spacing
    line-height list-style list-style-type margin margin-bottom margin-left margin-right margin-top max-height
    max-width min-height min-width opacity order outline overflow overflow-wrap overflow-x overflow-y padding
    padding-bottom padding-left padding-right padding-top position row-gap table-layout text-align text-decoration
    text-indent text-overflow text-transform text-underline-offset top bottom left right vertical-align visibility
    white-space width word-break word-spacing z-index
    """.split()
)
_CUSTOM = re.compile(r"--[a-z][\w-]{0,63}\Z")
_VALUE = re.compile(r"[\w\s.,%#()+\-]{0,500}(?:!important)?\s*\Z")
_TEXT = re.compile(r"(?:\"[^\"\\<>\x00-\x1f]{0,20}\"|'[^'\\<>\x00-\x1f]{0,20}')\s*\Z")
_CALL = re.compile(r"([\w-]*)\(")
_CALLS = frozenset(
    "rgb rgba hsl hsla calc min max clamp minmax repeat var fit-content linear-gradient radial-gradient inset".split()
) | {""}
_STAY_INSIDE = frozenset({"static", "relative", "absolute"})
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_AT_RULE = re.compile(r"@[\w-]+[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"[\w\s.#>+~:()\[\]\-]{1,300}\Z")
_PSEUDO = re.compile(r"::?([\w-]+)")
_PSEUDOS = frozenset(
    "hover active focus before after marker first-child last-child only-child first-of-type last-of-type nth-child "
    "nth-of-type nth-last-child checked disabled empty not is where".split()
)
_ATTRIBUTE = re.compile(r"\[([^\]]*)\]")
_NAMED = re.compile(r"([.#])([A-Za-z_][\w-]*)")
_LINK = re.compile(r"(?<![\w.#:\-])a(?![\w-])")
Rename = Callable[[str], str]


def declarations(style: str) -> str:
    """The declarations of a style that may pass, as one text."""
    kept = []
    for declaration in style.split(";")[:200]:
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if value and _may_pass(name, value):
            kept.append(f"{name}: {value}")
    return "; ".join(kept)


def stylesheet(css: str, scope: str, class_name: Rename, id_name: Rename) -> str:
    """The rules that may pass, each confined to elements inside the class `scope`."""
    text = _AT_RULE.sub("", _COMMENT.sub("", css[:MAX_STYLE]))
    rules = []
    for match in list(_RULE.finditer(text))[:MAX_RULES]:
        selectors = [f".{scope} {one}" for one in _selectors(match[1], class_name, id_name)]
        kept = declarations(match[2])
        if selectors and kept:
            rules.append(f"{', '.join(selectors)} {{ {kept} }}")
    return "\n".join(rules)


def _may_pass(name: str, value: str) -> bool:
    if name == "content":
        return bool(_TEXT.match(value))
    if name not in _PROPERTIES and not _CUSTOM.match(name):
        return False
    if name == "position" and value.removesuffix("!important").strip() not in _STAY_INSIDE:
        return False
    return bool(_VALUE.match(value)) and {call.lower() for call in _CALL.findall(value)} <= _CALLS


def _selectors(text: str, class_name: Rename, id_name: Rename) -> Iterator[str]:
    for selector in _split(text):
        selector = selector.strip()
        if _is_known(selector):
            # Links are shown as plain text, so their rules are those of a span.
            renamed = _LINK.sub("span", selector)
            yield _NAMED.sub(lambda m: m[1] + (class_name if m[1] == "." else id_name)(m[2]), renamed)


def _is_known(selector: str) -> bool:
    return (
        bool(_SELECTOR.match(selector.replace(",", "")))
        and set(_PSEUDO.findall(selector)) <= _PSEUDOS
        and set(_ATTRIBUTE.findall(selector)) <= {"open", "hidden"}
        and selector.count("(") == selector.count(")")
    )


def _split(text: str) -> Iterator[str]:
    """Selectors between commas that stand in no parentheses."""
    depth, start = 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]
