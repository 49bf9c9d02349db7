"""Attack 305: kernel path names"""

IDEA = "Names that resolve to another kernelspec."
SOURCE = "path traversal, upper and lower case"
REQUESTS = [
    ("POST", "api/kernels", '{"name": "../other"}'),
    ("POST", "api/kernels", '{"name": "KERNEL-GUARD"}'),
    ("POST", "api/kernels", '{"name": "kernel-guard/../other"}'),
    ("GET", "api/kernelspecs/other", None),
    ("GET", "kernelspecs/other/kernel.json", None),
]
