"""From a DAG of jobs to the series-parallel tree that adds the fewest extra waits: of several, the cheapest.

In: jobs with their dependencies and an estimate of their durations. Out: a `tree` of sequences and parallels in which every job
waits for all that it needs. Called by `bunsui.compile.pipeline`; `decompose.structured` is the door.

Rule: knows jobs by their names and weights, nothing of states or AWS.
"""
