"""What only the vault can tell a checker about releases: made here, typed by nobody.

- Patients behind a cell are told in bands, never exactly: a checker's screen is a way out too. Below the threshold
  nothing is told but that.
- Nothing here reads rows again: what the rules saw was kept when the release was made.
"""
