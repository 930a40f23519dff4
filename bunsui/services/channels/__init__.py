"""Use cases about channels: to try them.

In: opened channels. Out: what became of a notification on each. Called by `bunsui alerts`.

Rule: nothing of a secret is in an outcome; what a server said is text of somebody else.
"""
