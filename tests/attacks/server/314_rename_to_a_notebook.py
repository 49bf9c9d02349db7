"""Attack 314: rename to a notebook"""

IDEA = "Upload it as text and rename it."
SOURCE = "jupyter_server, PATCH /api/contents"
REQUESTS = [
    (
        "PUT",
        "api/contents/n.txt",
        '{"type": "file", "format": "text", "content": "{\\"cells\\": [{\\"cell_type\\": \\"code\\", \\"id\\": \\"a\\", \\"metadata\\": {}, \\"source\\": \\"\\", \\"execution_count\\": 1, \\"outputs\\": [{\\"output_type\\": \\"stream\\", \\"name\\": \\"stdout\\", \\"text\\": \\"CANARY\\"}]}], \\"metadata\\": {}, \\"nbformat\\": 4, \\"nbformat_minor\\": 5}"}',
    ),
    ("PATCH", "api/contents/n.txt", '{"path": "n.ipynb"}'),
    ("GET", "api/contents/n.ipynb", None),
    ("GET", "files/n.ipynb", None),
]
ALLOWED = True
