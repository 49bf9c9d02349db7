"""Attack 059: event handler"""

IDEA = "A handler that runs without a click."
SOURCE = "OWASP cross-site scripting cheat sheet"
WAY = "iopub/display_data/data"
CODE = r"""
from IPython.display import HTML, display

display(
    HTML(
        "<img src=x onerror=\"fetch('%s')\"><details open ontoggle=\"x('%s')\">x</details>" % (SECRET, SECRET)
    )
)
"""
ABSENT = ["SECRET"]
