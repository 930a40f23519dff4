"""The channel types that come with bunsui, one a file.

In: an entry's parameters and a notification. Out: what is to be sent. Called by `bunsui.notifications.registry`.

Rule: one type a file, as `TYPE`; limits of the other side stand here, with where they are documented.
"""
