"""Attack 318: without a token"""

IDEA = "Ask without having signed in."
SOURCE = "missing authentication"
REQUESTS = [
    ("GET", "api/contents", None),
    ("GET", "kernel-guard/api/status", None),
    ("POST", "api/kernels", '{"name": "kernel-guard"}'),
    ("GET", "api/kernels", None),
]
ANONYMOUS = True
