"""How executions of sessions begin, whatever the command.

In: a session, who wants it started and by which door. Out: the running session. `starting` is the one way to start anything;
`acts` records what is done. Called by `bunsui.sessions.manager`.

Rule: nothing else under `bunsui` calls `ExecutionClient.start`.
"""
