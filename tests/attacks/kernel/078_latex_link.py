"""Attack 078: latex link"""

IDEA = "A formula that is a link."
SOURCE = "MathJax, href and HTML extensions"
WAY = "iopub/display_data/data"
CODE = r"""
from IPython.display import Math, display

display(Math(r"\hr" + "ef{https://example.org/x}{y} \\ht" + "mlData{a=b}{c}"))
"""
ABSENT = ["\\href", "\\htmlData"]
