"""An apply as it happens, to its end.

In: apply events, a lock's holder. Out: lines, and the document of `apply --json`. Called by both faces.

Rule: one line for each event that a reader should see.
"""
