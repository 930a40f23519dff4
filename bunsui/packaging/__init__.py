"""Turns a function's folder into what Lambda takes.

In: a `CodeSource`. Out: a zip archive, the same bytes for the same content. Called by apply through `ports.packaging`.

Rule: runs only in apply; fetches hash-locked wheels only, and never executes anything of the project or of a package. pip
downloads in a child process that holds no AWS credentials, and wheels are unpacked here, as the archives they are.
"""
