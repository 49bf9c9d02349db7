"""Attack 221: time of busy"""

IDEA = "Say a bit by how long a cell takes."
SOURCE = "covert timing channels"
WAY = "outside/time/busy and idle"
CODE = """
import time


def cell(number):
    time.sleep(0.02 * (BITS[number] == "1"))
"""
ABSENT = ["SECRET"]
OPEN = "cells"
BANDWIDTH = "about 40 bit/s through a running client, one cell a bit; more with finer clocks"
