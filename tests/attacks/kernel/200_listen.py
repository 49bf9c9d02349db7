"""Attack 200: listen"""

IDEA = "Wait for somebody to come and fetch it."
SOURCE = "listen(2)"
WAY = "outside/network/any"
CODE = """
import socket, threading

server = socket.create_server(("127.0.0.1", T["listen"]))


def serve():
    while True:
        server.accept()[0].sendall(SECRET.encode())


threading.Thread(target=serve, daemon=True).start()
"""
ABSENT = ["SECRET"]
FETCH = True
