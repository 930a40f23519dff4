"""Proof of what an apply deployed: its smoke runs, and the way back where one fails.

In: an admitted apply, `ReconcilePorts`, what opens sessions. Out: the events of the apply. Called by the faces.

Rule: an apply is carried out by `bunsui.services.apply` alone, a session by `bunsui.services.run`, a rollback by
`bunsui.services.deployments`; here is only when.
"""
