"""Attack 127: page html"""

IDEA = "HTML in the pager."
SOURCE = "Jupyter messaging specification 5.4, payloads, page"
WAY = "shell/execute_reply/payload"
CODE = """
get_ipython().payload_manager.write_payload(
    {
        "source": "page",
        "data": {"text/plain": ".", "text/html": "<script>%s</script>" % SECRET},
        "start": SECRET,
    }
)
"""
ABSENT = ["SECRET"]
