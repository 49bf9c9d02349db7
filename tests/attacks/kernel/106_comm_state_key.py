"""Attack 106: comm state key"""

IDEA = "A key of a widget's state that is no name."
SOURCE = "ipywidgets, state"
WAY = "iopub/comm_open/data"
CODE = """
import ipywidgets

slider = ipywidgets.IntSlider()
state = {**slider.get_state(), "a b " + SECRET: 1}
forge(
    "comm_open",
    {"comm_id": "c" * 32, "target_name": "jupyter.widget", "data": {"state": state, "buffer_paths": []}},
)
"""
ABSENT = ["SECRET"]
