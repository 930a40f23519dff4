"""Look whether what pipelines refer to is there, before anything depends on it.

In: the repository; ports that read an account. Out: what was looked at, with findings at the line that refers. Called by
`bunsui verify`.

Rule: nothing is written, and nothing counts as there that could not be asked for: a permission that is missing is a warning
that names it.
"""
