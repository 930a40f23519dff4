"""One command a file.

In: parsed options. Out: lines of a view, an exit code. Called by `bunsui.cli.main`, which imports a command when it is asked
for; `bunsui.cli.registry` is the list.

Rule: a command decides nothing.
"""
