"""What git says about the project's folder.

In: a folder. Out: commits, the files of another commit, who lacks what. Called by `bunsui.composition`, which hands it in as
ports.

Rule: nothing of the repository is run (hooks, filters, pagers and helpers stay off), and nothing is fetched.
"""
