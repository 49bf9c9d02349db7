"""Attack 179: write to shared places"""

IDEA = "Leave it where everybody may write."
SOURCE = "/tmp, /var/tmp, /dev/shm"
WAY = "outside/files/of the host"
CODE = """
for place in ("/tmp", "/var/tmp", "/dev/shm", "/run"):
    try:
        open(place + "/" + T["name"], "w").write(SECRET)
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
