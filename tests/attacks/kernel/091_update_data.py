"""Attack 091: update data"""

IDEA = "Replace a harmless output by one that would not have passed."
SOURCE = "Jupyter messaging specification 5.4, update display data"
WAY = "iopub/update_display_data/data"
CODE = """
handle = display(".", display_id="kept")
handle.update({"text/html": "<script>%s</script>x" % SECRET, "application/x-secret": SECRET}, raw=True)
"""
ABSENT = ["SECRET"]
