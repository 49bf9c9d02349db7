"""What crosses between zones: HTTP over a socket, released bytes in Arrow IPC."""
