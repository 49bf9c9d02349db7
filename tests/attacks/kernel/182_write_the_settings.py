"""Attack 182: write the settings"""

IDEA = "Code that the Jupyter server runs at its next start."
SOURCE = "jupyter_server_config.py, usercustomize, .bashrc"
WAY = "outside/files/of the host"
CODE = """
import os

for place in (T["home"] + "/.jupyter", T["home"] + "/.ipython", T["home"] + "/.local/share/jupyter/kernels"):
    try:
        os.makedirs(place, exist_ok=True)
        open(place + "/left", "w").write(SECRET)
        print("wrote")
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
