"""Attack 112: comm message data"""

IDEA = "A message of a shape that no widget sends."
SOURCE = "ipywidgets, messages"
WAY = "iopub/comm_msg/data"
CODE = """
import ipywidgets

slider = ipywidgets.IntSlider()
slider.comm.send({"method": SECRET, "secret": SECRET})
slider.comm.send({"method": "custom", "content": {"secret": SECRET}})
"""
ABSENT = ["SECRET"]
WAIT = 0.3
