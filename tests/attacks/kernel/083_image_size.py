"""Attack 083: image size"""

IDEA = "A picture's size that is no number."
SOURCE = "Jupyter messaging specification 5.4, display data"
WAY = "iopub/display_data/metadata"
CODE = """
import base64, io
from PIL import Image

out = io.BytesIO()
Image.new("RGB", (4, 4)).save(out, "PNG")
display(
    {"image/png": base64.b64encode(out.getvalue()).decode()},
    metadata={"image/png": {"width": SECRET, "height": 4, "secret": SECRET}},
    raw=True,
)
"""
ABSENT = ["SECRET"]
