"""The sandbox zone."""
