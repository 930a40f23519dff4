"""Ask an account the least that tells what is wrong with reaching it.

In: a region, a profile, a connection. Out: values of `bunsui.ports.diagnosis`. Called by `bunsui.composition.doctor`.

Rule: no retries where nothing answered yet, and short timeouts, so that an answer comes soon. Nothing is written; no key, token
or password leaves this package.
"""
