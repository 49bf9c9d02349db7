"""One question to the vault for a language that cannot use an inherited socket: a JSON line in, a JSON line out.

- In: {"method": "GET" or "POST", "path": "/v1/…", "body": a JSON value or null}.
- Out: {"status": 200, "release": an id or null, "body": the JSON answer, or null for an Arrow stream}.
- Run as `python3 ask.py`, with KERNEL_GUARD_FD in the environment. Standard library only.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys


def main() -> None:
    """Ask once and end; the socket stays open for the next."""
    question = json.load(sys.stdin)
    connection = http.client.HTTPConnection("vault", timeout=900)
    connection.sock = socket.socket(fileno=os.dup(int(os.environ["KERNEL_GUARD_FD"])))
    body = None if question.get("body") is None else json.dumps(question["body"]).encode()
    headers = {"Content-Type": "application/json"} if body else {}
    connection.request(question["method"], question["path"], body, headers)
    answer = connection.getresponse()
    data = answer.read()
    is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
    json.dump(
        {
            "status": answer.status,
            "release": answer.getheader("Kernel-Guard-Release"),
            "body": json.loads(data) if is_json else None,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
