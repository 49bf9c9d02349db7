"""The operator's shell: composition of the zones."""
