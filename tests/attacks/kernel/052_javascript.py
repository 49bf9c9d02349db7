"""Attack 052: javascript"""

IDEA = "JavaScript runs in the reader's page."
SOURCE = "Jupyter display protocol, application/javascript"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import Javascript, display

display(Javascript('console.log("%s")' % SECRET))
"""
ABSENT = ["SECRET"]
