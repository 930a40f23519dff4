"""What an environment has for itself: the machine that words its alerts, its resident.

In: what the project file says of the environment, its scope. Out: resources at `@@alerts` and `@@resident`. Called by
`bunsui.project.compile`.

Rule: as in the compiler, values in, values out; nothing of one pipeline stands here.
"""
