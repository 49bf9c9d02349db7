"""The trust zone."""
