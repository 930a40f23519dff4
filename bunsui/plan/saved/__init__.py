"""Saved plans: read back from their file, and checked against a plan made anew.

In: a plan's document as anybody may have written it, and the plan of now. Out: what of it is still to be done, or why none of
it may be. Called by `services.apply` and the command that reads the file.

Rule: a saved plan is a claim; nothing of it is carried out that the new plan does not say as well.
"""
