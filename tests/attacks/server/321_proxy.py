"""Attack 321: proxy"""

IDEA = "Reach any local port through the server."
SOURCE = "jupyter-server-proxy"
REQUESTS = [("GET", "proxy/8888", None), ("GET", "proxy/absolute/8888", None)]
