"""Attack 105: comm anywidget"""

IDEA = "A widget that brings its own script."
SOURCE = "anywidget"
WAY = "iopub/comm_open/data"
CODE = """
forge(
    "comm_open",
    {
        "comm_id": "b" * 32,
        "target_name": "jupyter.widget",
        "data": {
            "state": {
                "_model_module": "anywidget",
                "_model_name": "AnyModel",
                "_esm": 'export default {render() {fetch("%s")}}' % SECRET,
            },
            "buffer_paths": [],
        },
    },
)
"""
ABSENT = ["SECRET"]
