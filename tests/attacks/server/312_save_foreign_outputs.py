"""Attack 312: save foreign outputs"""

IDEA = "Save a notebook with outputs that no guarded kernel showed."
SOURCE = "forged provenance"
REQUESTS = [
    (
        "PUT",
        "api/contents/n.ipynb",
        '{"type": "notebook", "format": "json", "content": {"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "CANARY"}]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}}',
    ),
    ("GET", "api/contents/n.ipynb", None),
]
ALLOWED = True
