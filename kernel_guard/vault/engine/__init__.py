"""Engines: from a plan and rows to contribution-bounded integers. Importing `base` and `grids` loads no engine."""
