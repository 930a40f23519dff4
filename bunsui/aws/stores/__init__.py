"""Rows in DynamoDB, one file for each store.

In: applied resources, locks, the journal of applies, sessions. Out: the same, read back. Called through `bunsui.ports`.

Rule: one item format for all (`item`); what a row means is decided above.
"""
