"""Attack 067: css custom property"""

IDEA = "A custom property holds any text."
SOURCE = "CSS custom properties"
WAY = "iopub/display_data/data"
CODE = r"""
from IPython.display import HTML, display

display(HTML("<p style=\"--x: url(%s); --y: '%s'\">x</p>" % (SECRET, SECRET)))
"""
ABSENT = ["SECRET"]
