"""Attack 055: pdf"""

IDEA = "A document in the page, with whatever a document can hold."
SOURCE = "Jupyter messaging specification 5.4, display data"
WAY = "iopub/display_data/data"
CODE = """
import base64

display(
    {"application/pdf": base64.b64encode(b"%PDF-1.4 " + SECRET.encode()).decode(), "text/plain": "."},
    raw=True,
)
"""
ABSENT = ["SECRET"]
