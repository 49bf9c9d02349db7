"""Attack 063: form"""

IDEA = "A form that posts to the server."
SOURCE = "cross-site request forgery"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(
    HTML(
        '<form action="/api/kernels?%s" method=post><input name="%s"><button>Go</button></form>x'
        % (SECRET, SECRET)
    )
)
"""
ABSENT = ["SECRET"]
