"""Attack 027: deep nesting"""

IDEA = "A million brackets, to break the guard's parser."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = """
raw("stream", "[" * 1_000_000)
raw(
    "display_data",
    '{"data": {"application/json": ' + "[" * 900 + '"' + SECRET + '"' + "]" * 900 + '}, "metadata": {}}',
)
"""
ABSENT = ["SECRET"]
