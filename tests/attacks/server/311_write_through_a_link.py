"""Attack 311: write through a link"""

IDEA = "Write through a link."
SOURCE = "jupyter_server, symbolic links"
REQUESTS = [
    ("PUT", "api/contents/link.txt", '{"type": "file", "format": "text", "content": "changed"}'),
    ("PUT", "api/contents/folder/new.txt", '{"type": "file", "format": "text", "content": "changed"}'),
]
