"""Two values to a difference.

In: desired, actual or applied attributes, and how their kind compares them. Out: a `ResourceDiff`, empty where both mean the
same. Called by plan; shown by `bunsui.view.plan`.

Rule: knows nothing of plans, AWS or how a difference is shown.
"""
