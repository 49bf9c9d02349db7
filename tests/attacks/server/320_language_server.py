"""Attack 320: language server"""

IDEA = "A language server runs beside the server and reads files."
SOURCE = "jupyter-lsp"
REQUESTS = [("GET", "lsp/status", None), ("GET", "lsp/ws/pylsp", None)]
