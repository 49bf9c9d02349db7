"""Attack 301: kernel by name"""

IDEA = "Start an ordinary kernel by its name; the list of allowed kernels filters only what is listed."
SOURCE = "jupyter_server, POST /api/kernels"
REQUESTS = [("POST", "api/kernels", '{"name": "python3"}'), ("POST", "api/kernels", '{"name": "other"}')]
