"""Policy: what a project may ask, by which route, of which columns. Declared by the steward, never a user setting."""
