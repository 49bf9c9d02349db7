"""Attack 070: mutation"""

IDEA = "HTML that changes its meaning when it is parsed twice."
SOURCE = "mutation XSS, DOMPurify bypasses"
WAY = "iopub/display_data/data"
CODE = r"""
from IPython.display import HTML, display

display(
    HTML(
        "x<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert('%s')&gt;\">"
        % SECRET
    )
)
"""
ABSENT = ["SECRET"]
