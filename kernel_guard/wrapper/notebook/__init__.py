"""Saved notebooks: what their outputs prove, and which of them may stay.

- Judged by the signatures of the wrapper that showed them; nothing of a notebook is run or rendered here.
- `judge` says what each output is; `admission` keeps the proven ones and puts a notice in place of the others.
"""
