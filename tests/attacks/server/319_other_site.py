"""Attack 319: other site"""

IDEA = "A page of another site asks in the name of who is signed in."
SOURCE = "cross-site request forgery"
REQUESTS = [
    ("POST", "api/kernels", '{"name": "kernel-guard"}'),
    ("PUT", "api/contents/x.txt", '{"type": "file", "format": "text", "content": "x"}'),
]
FOREIGN = True
