"""Plugins of third parties: entry-point groups, listed without importing, loaded one by one.

In: the names of installed entry points. Out: operation types, or why one cannot be used. Called by `bunsui.composition`.

Rule: a plugin is code that the user installed; nothing in a repository can add one.
"""
