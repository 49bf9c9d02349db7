"""Text that is safe to show in a browser, a terminal or a log.

- Keeps line structure and the colour and cursor sequences that progress bars use; no other control character.
- Terminal links, titles and device queries (OSC, DCS) go: they can reach out or answer back.
- Lone surrogates become a replacement character, so that every text can be encoded.
- TeX and Markdown keep their formulas and lose links, images, HTML and macros that set attributes.
"""

from __future__ import annotations

import re

# In this order: a whole string sequence (OSC, DCS, APC, PM, SOS), a CSI sequence, a two-byte escape, a control.
_CONTROL = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"
    r"|(?P<csi>\x1b\[[0-9;]{0,32}[A-HJKm])"
    r"|\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]?"
    r"|\x1b[ -~]?"
    r"|[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f]"
    # Right-to-left overrides can make a shown number read differently from the copied one.
    r"|[\u202a-\u202e\u2066-\u2069]"
)
# What is left of an ASCII text without these bytes are its controls; a search by pattern takes ten times as long.
_HARMLESS = bytes({*range(0x20, 0x7F), 0x08, 0x09, 0x0A, 0x0D})
_SUSPECT = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MACROS = re.compile(
    r"\\(href|url|require|style|class|cssId|data|html\w*|includegraphics|unicode|csname|label|ref|eqref|mmlToken|bbox)\b"
)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def clean(text: str) -> str:
    """The text without control sequences that do more than colour or move on the line."""
    if text.isascii():
        suspect = bool(text.encode("ascii").translate(None, _HARMLESS))
    else:
        suspect = _SUSPECT.search(text) is not None
    if suspect:
        text = _CONTROL.sub(lambda match: match.group("csi") or "", text)
    try:
        if not text.isascii():
            text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def clean_line(text: str, limit: int) -> str:
    """One short line: no line breaks, at most `limit` characters."""
    return clean(text.replace("\r", " ").replace("\n", " "))[:limit]


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; the cut is said."""
    if len(text) <= limit:
        return text
    return text[:limit] + f"\n… {len(text) - limit} characters withheld by the guard\n"


def clean_tex(text: str) -> str:
    """TeX without the macros that make links or set attributes; a formula stays a formula."""
    return _MACROS.sub(r"\1", clean(text))


def clean_markdown(text: str) -> str:
    """Markdown without HTML, links and images: a remote image is requested without any click."""
    text = _TAG.sub("&lt;", clean_tex(text))
    return text.replace("](", "] (").replace("]:", "] :").replace("![", "! [").replace("][", "] [")
