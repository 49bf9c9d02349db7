"""Attack 116: comm close data"""

IDEA = "Data with the end of a comm."
SOURCE = "Jupyter messaging specification 5.4, comms"
WAY = "iopub/comm_close/data"
CODE = """
import ipywidgets

slider = ipywidgets.IntSlider()
slider.comm.close(data={"secret": SECRET})
"""
ABSENT = ["SECRET"]
WAIT = 0.3
