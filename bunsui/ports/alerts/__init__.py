"""What alerts ask of the world: a place where they are kept.

In: what was judged, messages. Out: the same, read back, each write under its condition. Called by `services`; implemented by
`aws` and `testkit`.

Rule: Protocols, and the values that pass there.
"""
