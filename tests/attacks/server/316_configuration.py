"""Attack 316: configuration"""

IDEA = "Change the server's configuration for the page."
SOURCE = "jupyter_server, /api/config"
REQUESTS = [("PATCH", "api/config/notebook", '{"x": 1}'), ("PUT", "api/config/notebook", '{"x": 1}')]
