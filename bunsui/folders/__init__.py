"""The folders of bunsui's own on this machine: the user's state and cache, and the one inside a project.

In: a name that bunsui made. Out: a file or folder that is ours, or a refusal. Called by packaging, the emulator and the faces.

Rule: what lies in a checkout may come from anybody. Nothing in it is followed, cleaned or loaded before it is known to be ours:
by its owner and mode, and by a nonce that is kept outside the checkout as well. Only regular files are opened, and only names
that bunsui made are deleted.
"""
