"""What may be inside an output: text, HTML, images and MIME bundles, made harmless.

- Pure functions of the content; no request, no state, no socket.
- An allow-list each: what is not named is gone.
"""
