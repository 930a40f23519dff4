"""Sessions as people read them: lists, timelines, advice, results.

In: sessions, progress, causes. Out: lines. Called by both faces.

Rule: pure; advice is the next command.
"""
