"""One screen a file.

In: view-models and outcomes from the bridge. Out: messages. Called by `bunsui.tui.app`.

Rule: a screen puts widgets together and decides nothing.
"""
