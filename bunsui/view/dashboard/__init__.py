"""The home of the terminal UI: what hurts, the rhythm of the day, each session on one line.

In: rows of sessions, what was due, what was seen of those that run. Out: counts, lines, cells. Called by the Sessions screen.

Rule: pure, and of the sessions at hand only: what they do not tell is left open, and never a guess.
"""
