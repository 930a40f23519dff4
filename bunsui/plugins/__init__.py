"""Third-party doors: entry-point groups, listed without importing, loaded one by one.

Rule: a plugin is code that the user installed; nothing in a repository can add one.
"""
