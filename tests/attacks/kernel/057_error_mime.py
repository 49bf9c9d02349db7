"""Attack 057: error mime"""

IDEA = "JupyterLab renders this type as a traceback."
SOURCE = "@jupyterlab/rendermime"
WAY = "iopub/display_data/data"
CODE = """
display(
    {
        "application/vnd.jupyter.error": {"ename": SECRET},
        "application/vnd.jupyter.stderr": SECRET,
        "text/plain": ".",
    },
    raw=True,
)
"""
ABSENT = ["SECRET"]
