"""The wrapper zone."""
