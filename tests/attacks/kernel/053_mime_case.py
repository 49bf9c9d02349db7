"""Attack 053: mime case"""

IDEA = "The same type with other letters: browsers compare without case."
SOURCE = "RFC 2045 section 5.1"
WAY = "iopub/display_data/data"
CODE = """
display(
    {"Application/JavaScript": SECRET, "TEXT/HTML": SECRET, "text/html ": SECRET, "text/plain": "."}, raw=True
)
"""
ABSENT = ["SECRET"]
