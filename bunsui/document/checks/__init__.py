"""What a schema cannot see: references, expressions, times, rules, limits.

In: positioned data that the schema took. Out: located findings. Called by `bunsui.document.load`.

Rule: nothing is lowered here.
"""
