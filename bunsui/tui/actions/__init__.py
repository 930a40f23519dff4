"""What can be done with a session on the screens, one action a file.

In: sessions, a `SessionContext`. Out: what would happen, in lines, and the session as it stands afterwards. Called by the
bridge; the registry gives keys, menus, help and the read-only rule.

Rule: an action is a value over a service of the command line, and names the command that does the same.
"""
