"""Attack 073: png text"""

IDEA = "Text chunks of a PNG."
SOURCE = "steganography"
WAY = "iopub/display_data/data"
CODE = """
import base64, io
from PIL import Image, PngImagePlugin

info, out = PngImagePlugin.PngInfo(), io.BytesIO()
info.add_text("x", SECRET)
Image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=info)
display({"image/png": base64.b64encode(out.getvalue()).decode()}, raw=True)
"""
ABSENT = ["SECRET"]
