"""Attack 322: metrics"""

IDEA = "Counters of the server tell what others do."
SOURCE = "jupyter_server, /metrics"
REQUESTS = [("GET", "metrics", None)]
ANONYMOUS = True
