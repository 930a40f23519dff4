"""Gates: found, told, and decided.

In: a `SessionContext`, and the name of a gate or of a session. Out: gates as the histories of their executions tell them, and
what was decided. Called by the faces.

Rule: what an item of a table says of a gate is believed only as far as the history of its execution says the same.
"""
