"""A plan as somebody reviews it on a screen: rows of a tree, marks on them, a page about each.

In: a plan and its view. Out: rows, lines. Called by the terminal UI; the command line takes the marks of `--target`.

Rule: pure, as all of `view`; what a page says of a change is what the plan's text says of it.
"""
