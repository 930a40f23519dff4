"""AWS's objects as every provider handles them: in bulk, with tags, with a revision that both sides compute alike.

In: a connection, names, and what was applied. Out: observed resources, changes of tags. Called by the providers.

Rule: nothing here belongs to one kind, except what its provider's file has no room for.
"""
