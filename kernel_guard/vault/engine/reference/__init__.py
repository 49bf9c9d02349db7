"""The oracle: the same requests over rows in memory, in plain Python. Slow, short, and read before it is trusted.

- Values are what the schema declares or None: finite floats, 64-bit integers, dates, text, booleans.
- Every rule of `expressions`, `relations`, `partials` and `exact` is said here again, without Ibis, in a file of
  the same name.
"""

from kernel_guard.vault.engine.reference.engine import ReferenceEngine as ReferenceEngine
