"""The child process that serves the embedded AWS: who may call, what is saved, when it ends.

In: HTTP requests on loopback. Out: AWS's answers, and a snapshot on disk. Started by `bunsui.emulator.launcher`; `main` is the
door.

Rule: runs in the child only.
"""
