"""Pipelines as people see them side by side: how each stands, how its last runs went, what changed last, what a run is given.

In: statuses and plans of runs from the services. Out: spans and lines that status and Pipelines screen share. Called by both.

Rule: pure; what is not known is said so, never left to look like something good.
"""
