"""Attack 033: output on shell"""

IDEA = "An output on the channel for replies."
SOURCE = "confusion of channels"
WAY = "any/any/unknown type"
CODE = """
answer("stream", {"name": "stdout", "text": SECRET})
answer("display_data", {"data": {"text/plain": SECRET}, "metadata": {}})
"""
ABSENT = ["SECRET"]
