"""Protected code: a researcher's Python beside the rows, in a sandbox from which only declared things come back."""
