"""Attack 217: badge in widget"""

IDEA = "A badge inside an Output widget, where another rule might hold."
SOURCE = "forged provenance"
WAY = "outside/vault/badge"
CODE = """
import ipywidgets

out = ipywidgets.Output(
    outputs=(
        {
            "output_type": "display_data",
            "data": {"application/vnd.kernel-guard.release+json": {"statement": SECRET}, "text/plain": "."},
            "metadata": {},
        },
    )
)
"""
ABSENT = ["SECRET"]
