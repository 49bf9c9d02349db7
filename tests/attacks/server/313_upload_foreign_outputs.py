"""Attack 313: upload foreign outputs"""

IDEA = "Upload it as a plain file."
SOURCE = "jupyter_server, type file"
REQUESTS = [
    (
        "PUT",
        "api/contents/n.ipynb",
        '{"type": "file", "format": "text", "content": "{\\"cells\\": [{\\"cell_type\\": \\"code\\", \\"id\\": \\"a\\", \\"metadata\\": {}, \\"source\\": \\"\\", \\"execution_count\\": 1, \\"outputs\\": [{\\"output_type\\": \\"stream\\", \\"name\\": \\"stdout\\", \\"text\\": \\"CANARY\\"}]}], \\"metadata\\": {}, \\"nbformat\\": 4, \\"nbformat_minor\\": 5}"}',
    ),
    ("GET", "api/contents/n.ipynb", None),
    ("GET", "files/n.ipynb", None),
]
ALLOWED = True
