"""Attack 087: result metadata"""

IDEA = "Metadata of a result."
SOURCE = "Jupyter messaging specification 5.4, execution results"
WAY = "iopub/execute_result/metadata"
CODE = """
class Odd:
    def _repr_mimebundle_(self, **_):
        return {"text/plain": "."}, {"secret": SECRET}


Odd()
"""
ABSENT = ["SECRET"]
