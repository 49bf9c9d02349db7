"""Attack 056: requirejs"""

IDEA = "Old front ends load what this type names."
SOURCE = "nbextension loading"
WAY = "iopub/display_data/data"
CODE = """
display(
    {
        "application/vnd.jupyter.widget-view+json": {"model_id": SECRET},
        "application/vnd.holoviews_load.v0+json": SECRET,
        "text/plain": ".",
    },
    raw=True,
)
"""
ABSENT = ["SECRET"]
