"""Judge what bunsui stands on where something does not work: machine, credentials, account, embedded AWS.

In: facts that were collected one by one, each of which may be missing; an account to be asked. Out: checks, each with why
and the next step. Called by `bunsui.composition.doctor`.

Rule: no check needs another one to have gone well; what cannot be told is skipped and says why.
"""
