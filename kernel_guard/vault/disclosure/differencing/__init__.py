"""Differencing: what a new exact table and everything that was released before tell together.

- `statistic` says which numbers can be set against each other, `history` keeps the sets behind those that were given
  exactly, `isolation` finds combinations that are about too few patients, `compare` decides.
"""
