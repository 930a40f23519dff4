"""What the core asks of the world: Protocols of at most six methods, owned by the side that calls them.

In: values of the model. Out: the same. Called by refresh, apply, sessions and services; handed in by `bunsui.composition`.
Implementations: `bunsui.aws` (boto3), `bunsui.testkit` (in memory, for tests), `bunsui.packaging`, `bunsui.checkout`.

Rule: every implementation passes the one contract suite of its port under `tests/contracts/`.
"""
