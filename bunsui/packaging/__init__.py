"""Turns a function's folder into what Lambda takes.

Rule: runs only in apply; installs wheels only, never executes anything of the project.
"""
