"""Turns a function's folder into what Lambda takes.

Rule: runs only in apply; fetches hash-locked wheels only, and never executes anything of the project or of a package. pip
downloads in a child process that holds no AWS credentials, and wheels are unpacked here, as the archives they are.
"""
