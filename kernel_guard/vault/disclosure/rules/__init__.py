"""The rules of the exact route, one file each: what is checked, with its reason, as pure functions of evidence.

- All numbers of people are distinct patients with a non-missing value.
- A rule answers for whole columns of cells at once; its words never say more than the rule itself does.
"""
