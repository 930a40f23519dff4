"""How actual is read from AWS: everything, or as little as a plan needs.

In: `ReconcilePorts`, desired and applied. Out: actual resources, what may be believed of them, and facts beside them that a
plan needs. Called by `bunsui.services`.

Rule: reads only; whoever writes is above.
"""
