"""The Step Functions API of the embedded AWS, on bunsui's own engine.

In: requests of the API, services to call, a data folder. Out: AWS's answers, events, a journal. Mounted by
`bunsui.emulator.server`; `endpoint.Endpoint` is the door. With `asl` and `engine` it knows nothing of pipelines.

Rule: one thread owns everything here: requests, timers and the reports of tasks come to it one after the other, so no part
needs a lock. Work that waits (calls of other services, functions, containers) happens in a pool and reports back to that
thread. An execution is what its journal says: the start, and then each report, stop and redrive with its instant. Running the
engine over the journal again gives the same execution, which is how a running one survives a restart.
"""
