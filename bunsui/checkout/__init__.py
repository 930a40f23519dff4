"""What git says about the project's folder.

Rule: nothing of the repository is run (hooks, filters, pagers and helpers stay off), and nothing is fetched.
"""
