"""Makes the embedded AWS as late as a real one: for some seconds reads, lists and uses do not know of a write.

In: requests that were let through at the gate. Out: their answers, as they would have been `local: {lag: …}` ago.

Called by `bunsui.emulator.server.main`.

Rule: what lags is a row of `reads.py` or `refusals.py`, whose docstrings name where AWS says so; S3, and what DynamoDB is asked
for consistently, never lags (their guides, "Amazon S3 data consistency model" and "DynamoDB read consistency").
"""
