"""Lifts definitions to jobs where the engine shows that both behave alike.

In: a repository, definitions as text. Out: the file with jobs, or the reason with its place. Called by the import of files,
the command line.

Rule: nothing is written here, nothing is called but the engine, and a difference in any situation refuses the lift.
"""
