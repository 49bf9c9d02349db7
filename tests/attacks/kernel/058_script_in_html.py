"""Attack 058: script in html"""

IDEA = "A script in HTML; JupyterLab runs it in a trusted output."
SOURCE = "jupyter.md section 5.5, tried in JupyterLab 4.6"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(HTML('<b>x</b><script>fetch("/api/kernels?%s")</script>' % SECRET))
"""
ABSENT = ["SECRET"]
