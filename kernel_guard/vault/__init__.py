"""The vault: the only zone that sees rows. `gate.py` is the only way to them."""
