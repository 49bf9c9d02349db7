"""The part of the launcher that runs inside a new sandbox, before any code of the researcher does.

- Standard library only, and no import from outside this folder: nothing else of the package is visible there.
- Runs once per kernel start, so it stays small: every import here is paid at each start.
"""
