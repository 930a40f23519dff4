"""What only commands that look at sessions need: a word at the end, a project without its files.

In: what was typed, and the environment. Out: a `SessionCommand`, or characters for a terminal. Called by the commands.

Rule: what is foreign reaches a terminal only as printable text.
"""
