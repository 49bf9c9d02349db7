"""Attack 149: prompt unasked"""

IDEA = "Ask a client that cannot answer: the question is the leak."
SOURCE = "Jupyter messaging specification 5.4, stdin"
WAY = "stdin/input_request/prompt"
CODE = """
ask({"prompt": SECRET, "password": False})
"""
ABSENT = ["SECRET"]
