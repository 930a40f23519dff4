"""The command line: one command a file, lazily imported.

Rule: parse, call one service, show a view.
"""
