"""Attack 135: inspection html"""

IDEA = "HTML in an inspection, where front ends render it."
SOURCE = "Jupyter messaging specification 5.4, introspection"
WAY = "shell/inspect_reply/data"
CODE = """
on(
    "inspect_request",
    {
        "status": "ok",
        "found": True,
        "data": {"text/plain": ".", "text/html": "<script>%s</script>" % SECRET},
        "metadata": {"secret": SECRET},
    },
)
"""
ABSENT = ["SECRET"]
THEN = [("inspect_request", {"code": "x", "cursor_pos": 1})]
