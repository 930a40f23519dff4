"""The command line: one command a file, lazily imported.

In: arguments, the environment. Out: text or one JSON document on stdout, messages on stderr, an exit code. Called by the user;
`entry.run` is the door.

Rule: parse, call one service, show a view.
"""
