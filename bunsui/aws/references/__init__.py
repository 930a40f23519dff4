"""Ask whether what pipelines refer to is there.

In: objects of `bunsui.ports.account`. Out: what AWS says of each. Called by the composition root, for `bunsui verify`.

Rule: every call reads, tells no value of a secret or a parameter, and asks for many at once where the service has such a call.
"""
