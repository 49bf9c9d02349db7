"""Attack 126: edit magic"""

IDEA = "Open an editor on a file of the client's machine."
SOURCE = "Jupyter messaging specification 5.4, payloads, edit_magic"
WAY = "shell/execute_reply/payload"
CODE = """
get_ipython().payload_manager.write_payload({"source": "edit_magic", "filename": SECRET, "line_number": 1})
"""
ABSENT = ["SECRET"]
