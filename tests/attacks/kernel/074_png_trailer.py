"""Attack 074: png trailer"""

IDEA = "Bytes behind the end of a PNG."
SOURCE = "steganography"
WAY = "iopub/display_data/data"
CODE = """
import base64, io
from PIL import Image

out = io.BytesIO()
Image.new("RGB", (4, 4)).save(out, "PNG")
display({"image/png": base64.b64encode(out.getvalue() + SECRET.encode()).decode()}, raw=True)
"""
ABSENT = ["SECRET"]
