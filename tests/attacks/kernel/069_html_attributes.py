"""Attack 069: html attributes"""

IDEA = "Attributes that are not shown."
SOURCE = "steganography"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(HTML('<p title="%s" data-x="%s" aria-label="%s" lang="%s">x</p>' % (SECRET, SECRET, SECRET, SECRET)))
"""
ABSENT = ["SECRET"]
