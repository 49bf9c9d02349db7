"""Attack 309: hidden files"""

IDEA = "Settings and start-up files are hidden files."
SOURCE = "jupyter_server, allow_hidden"
REQUESTS = [
    ("GET", "api/contents/.hidden/secret.txt", None),
    ("GET", "files/.hidden/secret.txt", None),
    ("PUT", "api/contents/.ipython/profile_default/startup/x.py", '{"type": "file", "format": "text", "content": "x"}'),
]
