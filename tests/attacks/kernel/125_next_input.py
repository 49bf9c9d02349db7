"""Attack 125: next input"""

IDEA = "Write a cell into the notebook; the reader would run it."
SOURCE = "Jupyter messaging specification 5.4, payloads, set_next_input"
WAY = "shell/execute_reply/payload"
CODE = """
get_ipython().set_next_input("# " + SECRET)
"""
ABSENT = ["SECRET"]
