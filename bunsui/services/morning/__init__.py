"""The morning page: which runs were due since yesterday evening, and what became of each.

In: what was applied, schedules as they are, session rows, one look at machines. Out: a `Morning`, a value that faces show.
Called by: the faces.

Rule: a run is missing only where its machine was looked at after it was due; whatever was not looked at is said to be unknown.
"""
