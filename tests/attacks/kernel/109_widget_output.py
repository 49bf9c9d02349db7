"""Attack 109: widget output"""

IDEA = "Outputs inside an Output widget, with types that do not pass."
SOURCE = "ipywidgets, Output"
WAY = "iopub/comm_open/data"
CODE = """
import ipywidgets

out = ipywidgets.Output(
    outputs=(
        {
            "output_type": "display_data",
            "data": {"text/html": "<script>%s</script>x" % SECRET, "application/x-secret": SECRET},
            "metadata": {"secret": SECRET},
        },
    )
)
"""
ABSENT = ["SECRET"]
