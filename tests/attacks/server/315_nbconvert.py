"""Attack 315: nbconvert"""

IDEA = "Let the server convert, and run, a notebook."
SOURCE = "jupyter_server, nbconvert handlers"
REQUESTS = [
    ("GET", "nbconvert/html/a.ipynb", None),
    (
        "POST",
        "nbconvert/html",
        '{"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "CANARY"}]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    ),
    ("GET", "api/nbconvert", None),
]
