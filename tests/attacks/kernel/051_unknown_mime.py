"""Attack 051: unknown mime"""

IDEA = "A MIME type that nothing displays and every notebook stores."
SOURCE = "Jupyter messaging specification 5.4, display data"
WAY = "iopub/display_data/data"
CODE = """
display({"application/x-secret": SECRET, "text/plain": "."}, raw=True)
"""
ABSENT = ["SECRET"]
