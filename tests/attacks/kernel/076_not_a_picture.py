"""Attack 076: not a picture"""

IDEA = "Text that says it is a picture."
SOURCE = "type confusion"
WAY = "iopub/display_data/data"
CODE = """
import base64

for kind in ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"):
    display({kind: base64.b64encode(b"GIF89a" + SECRET.encode() * 2).decode(), "text/plain": "."}, raw=True)
"""
ABSENT = ["SECRET"]
