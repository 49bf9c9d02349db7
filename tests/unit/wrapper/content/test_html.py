"""HTML of the field's libraries keeps its looks; nothing that acts, fetches or dresses up survives."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_guard.wrapper.content import html

ATTRIBUTES = {"class", "style", "id", "for", "type", "hidden", "open", "colspan", "rowspan", "border"}


class Seen(HTMLParser):
    """Every tag and attribute that a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def assert_harmless(cleaned: str) -> None:
    seen = Seen(cleaned)
    assert seen.tags <= html._TAGS | {"style"}, seen.tags
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES
    style = "".join(re.findall(r"(?s)<style>(.*?)</style>", cleaned))
    inline = " ".join(value for name, value in seen.attributes if name == "style")
    assert not re.search(r"url\s*\(|image\s*\(|expression|@|\\|fixed|sticky|<", style + inline, re.IGNORECASE)
    for rule in re.findall(r"([^{}]+)\{", style):
        assert all(one.strip().startswith(".kgs-") for one in re.split(r",(?![^(]*\))", rule)), rule
    ids = [value for name, value in seen.attributes if name in ("id", "for")]
    assert all(value.startswith("kgs-") for value in ids)
    classes = [word for name, value in seen.attributes if name == "class" for word in value.split()]
    assert all(word.startswith(("x-", "kgs-")) or html._CLASS.match(word) for word in classes)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='http://example.org/beacon.png'>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='https://example.org' target=_blank>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<form action='/api/kernels' method=post><button>x</button></form>",
    "<button data-commandlinker-command='terminal:create-new'>Continue</button>",
    "<p data-commandlinker-command='x' data-commandlinker-args='{}' data-windowed-list-index=1>Continue</p>",
    "<div class='jp-Dialog lm-Widget kg-badge kernel-guard-badge'>Released</div>",
    "<div id='jp-main-dock-panel'>x</div>",
    "<div style='position:fixed;inset:0;z-index:99999'>over the page</div>",
    "<div style='background:url(http://example.org/x)'>x</div>",
    "<div style='background:u\\72l(http://example.org/x)'>x</div>",
    "<div style='background:image-set(\"http://example.org/x\" 1x)'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style='--x:url(http://example.org);background:var(--x)'>x</div>",
    "<style>@import url(http://example.org/x.css);</style>x",
    "<style>@font-face{font-family:x;src:url(http://example.org/x)} p{font-family:x}</style><p>x",
    "<style>body{display:none}.jp-Toolbar{visibility:hidden}</style>x",
    "<style>p{background:url(http://example.org/x)}</style><p>x",
    "<style>p{}</style><script>alert(1)</script></style><p>x",
    "<style>p{color:red}/*</style><img src=x onerror=alert(1)>*/</style>x",
    "<style>a[href^='x']{color:red} input[value^='a']{color:red}</style>x",
    "<style>p{color:red</style><p>x</p><style>} * {position:fixed}</style>",
    "<style>:root{--jp-layout-color0:red} html{opacity:0}</style>x",
    "<style>.x{color:red}</style><style>:host{color:red} ::slotted(p){color:red}</style>x",
    "<input type=text value=secret><input type=image src=x><input type=hidden><input>",
    "<input type='checkbox' onclick='alert(1)' name='x' value='y' form='f' checked>",
    "<link rel=stylesheet href=http://example.org/x.css><meta http-equiv=refresh content='0;url=http://example.org'>",
    "<base href='http://example.org/'><video src=http://example.org/x poster=http://example.org/y></video>",
    "<table background='http://example.org/x'><td background='http://example.org/x'>x</table>",
    "<template><script>alert(1)</script></template><noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>--><![CDATA[<img src=x onerror=alert(1)>]]>",
    "<p is='x-y' slot='s' part='p' contenteditable autofocus accesskey=x tabindex=1 draggable=true>x</p>",
    "<details ontoggle=alert(1) open><summary>x</summary></details>",
    "</div></div><div class='jp-Cell'>outside</div>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_html_is_harmless(text: str) -> None:
    try:
        assert_harmless(html.clean(text))
    except html.NeedsScript:
        pass


@given(
    st.lists(
        st.sampled_from([*HOSTILE, "<table>", "<td>", "</table>", "<style>", "</style>", "'", '"', "<", ">", "&#x3c;"])
    )
)
def test_any_mixture_is_harmless(parts: list[str]) -> None:
    try:
        assert_harmless(html.clean("".join(parts)))
    except (html.NeedsScript, html.TooComplex):
        pass


@given(st.text(alphabet="<>/=\"' \\{}();:.#@a-pstyle*!&\n", max_size=200))
def test_any_text_is_harmless(text: str) -> None:
    try:
        assert_harmless(html.clean("<style>" + text + "</style><p style='" + text + "' class='" + text + "'>x"))
    except html.NeedsScript:
        pass


def test_a_frame_keeps_its_table() -> None:
    cleaned = html.clean(pd.DataFrame({"a": [1.5, 2]}).to_html())
    assert "<td>1.5</td>" in cleaned and 'class="dataframe"' in cleaned


def test_a_styler_keeps_its_colours() -> None:
    styled = pd.DataFrame({"a": [1.5, 2]}).style.background_gradient().bar(color="red").to_html()
    cleaned = html.clean(styled)
    assert cleaned.count("background-color: #") == 2 and "linear-gradient(90deg, red" in cleaned
    (cell,) = re.findall(r'id="(kgs-\w+-T_\w+_row1_col0)"', cleaned)
    assert f"#{cell} {{" in cleaned  # the rule finds the cell under its new name
    assert_harmless(cleaned)


def test_an_estimator_keeps_its_diagram() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    cleaned = html.clean(make_pipeline(StandardScaler(), LogisticRegression())._repr_html_())
    assert cleaned.count('type="checkbox"') == 3 and cleaned.count("<details>") == 3
    assert "checked~div.x-sk-toggleable__content { display: block" in cleaned
    assert "sk-text-repr-fallback { display: none }" in cleaned
    assert "scikit-learn.org/" not in cleaned
    assert_harmless(cleaned)


def test_a_summary_keeps_its_tables() -> None:
    import statsmodels.api as sm

    summary = sm.OLS([1, 2, 3.5], [[1, 1], [1, 2], [1, 3]]).fit().summary()._repr_html_()
    assert html.clean(summary).count("<table") == summary.count("<table") == 3


def test_an_output_that_only_a_script_draws_says_so() -> None:
    import altair as alt

    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_bar().encode(x="a")
    with pytest.raises(html.NeedsScript):
        html.clean(chart.to_html(fullhtml=False))


def test_what_would_stall_the_page_is_refused() -> None:
    for text in ("<div>" * 30_001, "x" * 5_000_001):
        with pytest.raises(html.TooComplex):
            html.clean(text)


def test_the_same_html_gives_the_same_output() -> None:
    text = "<p style='color: red' id=a>x"
    assert html.clean(text) == html.clean(text)
