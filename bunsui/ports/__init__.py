"""What the core asks of the world: Protocols of at most six methods, owned by the side that calls them.

Implementations: `bunsui.aws` (boto3), `bunsui.local` (in memory, for tests and offline plans), `bunsui.packaging`.
Every implementation passes the one contract suite of its port under `tests/contracts/`.
"""
