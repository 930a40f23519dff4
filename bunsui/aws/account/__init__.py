"""What lies in an account beside what bunsui makes: how much of its quotas is used, what task definitions say.

In: a connection. Out: values of `bunsui.ports`. Called by the composition root, for what a plan looks up.

Rule: everything here reads, and nothing is decided by it.
"""
