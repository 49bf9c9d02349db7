"""What may pass between a client and the kernel: one table and pure functions.

- `judge` is the only way from a message of the kernel to something a client receives.
- A type without a row is dropped; a field without a row is not copied; a value that does not fit its row is refused.
- Functions here decide; they send nothing, remember nothing and read no clock.
"""
