"""Attack 218: badge in classes"""

IDEA = "Dress HTML up as the guard's badge."
SOURCE = "user-interface spoofing"
WAY = "outside/vault/badge"
CODE = """
from IPython.display import HTML, display
import ipywidgets

display(HTML('<div class="kg-' + "badge jp-" + 'Dialog">Released</div>'))
box = ipywidgets.Label("x")
box.add_class("jp-" + "Dialog")
box
"""
ABSENT = ['"kg-badge', " kg-badge", '"jp-Dialog', " jp-Dialog"]
WORKS_UNGUARDED = False
