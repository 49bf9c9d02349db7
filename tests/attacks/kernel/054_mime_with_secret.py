"""Attack 054: mime with secret"""

IDEA = "The type's own name is the secret."
SOURCE = "RFC 6838"
WAY = "iopub/display_data/data"
CODE = """
display({"text/" + SECRET: ".", "text/plain": "."}, raw=True)
"""
ABSENT = ["SECRET"]
