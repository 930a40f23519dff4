"""What others put beside ours, as AWS tells it: one file for each kind of thing that carries it.

In: a connection, what was applied. Out: `BesideOurs` by address, worded by `bunsui.kinds.beside`. Called by plans and `drift`.

Rule: what may not be asked for is a remark, never an error: nothing of a plan hangs on it.
"""
