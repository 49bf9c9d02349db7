"""What makes the platform believable: keys, identities, the audit log, the SQL store.

Imports nothing here: the wrapper signs its messages without loading the store.
"""
