"""Attack 028: not a number"""

IDEA = "NaN and Infinity, which Python writes and no standard knows."
SOURCE = "RFC 8259 section 6"
WAY = "any/any/frames"
CODE = """
raw("display_data", '{"data": {"application/json": [NaN, Infinity, "%s"]}, "metadata": {}}' % SECRET)
"""
ABSENT = ["SECRET"]
