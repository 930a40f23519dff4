"""What channels of alerts need of an account.

In: names of parameters, of what lies in Secrets Manager, of topics. Out: values for the moment of a send, published messages.
Called by `bunsui.sending`, wired by `bunsui.composition.channels`.

Rule: a value goes to who asked for it, and nowhere else: no fact of an error holds one.
"""
