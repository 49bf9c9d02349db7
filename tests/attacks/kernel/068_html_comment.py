"""Attack 068: html comment"""

IDEA = "A comment is not shown and is stored."
SOURCE = "steganography"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(HTML("x<!-- %s -->" % SECRET))
"""
ABSENT = ["SECRET"]
