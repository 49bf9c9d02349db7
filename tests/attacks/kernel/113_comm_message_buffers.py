"""Attack 113: comm message buffers"""

IDEA = "Buffers on a comm whose widget has no use for bytes."
SOURCE = "ipywidgets, buffers"
WAY = "any/any/buffers"
CODE = """
import ipywidgets

slider = ipywidgets.IntSlider()
slider.comm.send({"method": "update", "state": {}, "buffer_paths": [["value"]]}, buffers=[SECRET.encode()])
"""
ABSENT = ["SECRET"]
WAIT = 0.3
