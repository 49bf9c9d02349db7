"""Attack 045: late output"""

IDEA = "Claim, after the cell has ended, that it never did."
SOURCE = "Jupyter messaging specification 5.4, kernel status"
WAY = "any/any/message of a request that has ended"
CODE = """
import threading, time

parent = k.get_parent()


def later():
    time.sleep(0.3)
    forge("status", {"execution_state": SECRET}, parent=parent)
    forge("status", {"execution_state": "busy", "secret": SECRET}, parent=parent)
    forge("custom", {"secret": SECRET}, parent=parent)


threading.Thread(target=later).start()
"""
ABSENT = ["SECRET"]
WAIT = 0.8
