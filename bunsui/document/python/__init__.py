"""Python code of functions, as far as its text tells: nothing is imported or run.

In: the files of a code folder. Out: what they import that Lambda would not find. Called by `bunsui.document.lowering`.

Rule: what only running the code could tell is no finding.
"""
