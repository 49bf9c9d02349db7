"""Protected code as it runs: beside rows in the vault's sandbox, and on mock rows in the open kernel.

- The same functions run the code in both places, so what works on mock rows fails on rows only because of the rows.
- Nothing here is a defence: the code runs in this very process and may change all of it.
"""
