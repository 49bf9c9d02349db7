"""Attack 077: markdown image"""

IDEA = "A remote image in Markdown is requested without any script."
SOURCE = "jupyter.md section 5.5, tried in JupyterLab 4.6"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import Markdown, display

display(Markdown("!" + "[x]" + "(https://example.org/x.png) <i" + 'mg src="https://example.org/x">'))
"""
ABSENT = ["](https", "<img"]
