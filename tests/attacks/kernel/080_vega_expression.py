"""Attack 080: vega expression"""

IDEA = "An expression that Vega compiles to code in the page."
SOURCE = "CVE-2025-25304, Vega expressions"
WAY = "iopub/display_data/data"
CODE = """
display(
    {
        "application/vnd.vega.v5+json": {
            "signals": [{"name": "x", "update": "event.view.toString('%s')" % SECRET}],
            "marks": [],
        },
        "text/plain": ".",
    },
    raw=True,
)
"""
ABSENT = ["SECRET"]
