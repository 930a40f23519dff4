"""What an environment's resident does.

In: an open environment, the reason of a look. Out: rows of sessions brought up to date, a report; its standing. Called by
`bunsui.resident` inside Lambda, and by `bunsui resident`.

Rule: nothing here is a second way to do what a command does; a look is a round as `bunsui sessions` makes one.
"""
