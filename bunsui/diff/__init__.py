"""Two values to a difference.

Rule: knows nothing of plans, AWS or how a difference is shown.
"""
