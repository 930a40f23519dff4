"""Who calls the embedded AWS: keys that name a principal, and the signatures that prove it.

In: a request's head and body. Out: the principal, or why it is refused. Called by `bunsui.emulator.server.access_filter`.

Rule: every request is signed, as on AWS, or refused: another user of the machine can reach the port as well as its owner. What
a caller may do is not judged here; that he is who his key says, is.
"""
