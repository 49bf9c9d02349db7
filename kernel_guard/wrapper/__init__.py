"""The trusted half of the guarded kernel: what stands between Jupyter's clients and an untrusted kernel.

- Forwards no byte of a message that the kernel made; rebuilds each from `rules/`.
- Imports no IPython, no pandas, no jupyter_client: it starts fast and has little to attack.
- Import nothing here: the sandbox is launched before zmq is loaded.
"""
