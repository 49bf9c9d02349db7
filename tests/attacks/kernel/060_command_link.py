"""Attack 060: command link"""

IDEA = "A button that runs any command of JupyterLab when it is clicked."
SOURCE = "CVE-2026-42557, data-commandlinker-command"
WAY = "iopub/display_data/data"
CODE = r"""
from IPython.display import HTML, display

display(
    HTML(
        '<button data-commandlinker-command="terminal:create-new" data-commandlinker-args=\'{"x": "%s"}\'>Continue</button>'
        % SECRET
    )
)
"""
ABSENT = ["SECRET"]
