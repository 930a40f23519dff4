"""What `bunsui import` does beside machines of the account: definitions in files.

In: what was typed, and the workspace. Out: an exit code. Called by the commands.

Rule: nothing is written before it was shown and confirmed.
"""
