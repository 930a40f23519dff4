"""The life of the embedded AWS of a data folder: found, started, stopped.

In: a data folder and what may run in it. Out: the endpoint, once it answers. Called by the faces and `bunsui.composition`.

Rule: runs in the parent; imports nothing of the emulator.
"""
