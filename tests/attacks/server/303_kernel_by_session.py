"""Attack 303: kernel by session"""

IDEA = "The same through a session."
SOURCE = "jupyter_server, POST /api/sessions"
REQUESTS = [
    ("POST", "api/sessions", '{"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": "python3"}}')
]
