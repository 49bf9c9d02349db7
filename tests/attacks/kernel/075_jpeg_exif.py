"""Attack 075: jpeg exif"""

IDEA = "EXIF and a comment of a JPEG."
SOURCE = "steganography"
WAY = "iopub/display_data/data"
CODE = r"""
import base64, io
from PIL import Image

out = io.BytesIO()
Image.new("RGB", (4, 4)).save(out, "JPEG", comment=SECRET.encode(), exif=b"Exif\x00\x00" + SECRET.encode())
display({"image/jpeg": base64.b64encode(out.getvalue()).decode()}, raw=True)
"""
ABSENT = ["SECRET"]
