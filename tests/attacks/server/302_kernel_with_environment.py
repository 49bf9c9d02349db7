"""Attack 302: kernel with environment"""

IDEA = "Bring environment variables to the trusted wrapper."
SOURCE = "jupyter_server, env of a kernel"
REQUESTS = [
    ("POST", "api/kernels", '{"name": "kernel-guard", "env": {"LD_PRELOAD": "x", "PYTHONPATH": "x"}, "path": "/etc"}')
]
ALLOWED = True
