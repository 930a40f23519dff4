"""Forges over their REST APIs (GitHub, GitLab), with nothing but the standard library.

In: the environment of a CI job. Out: a `ports.forge.Forge`, and which pull request, commit and run this is. Called by
`bunsui.composition` alone, for `bunsui ci`.

Rule: the token stands in a header, never in an address, an argument or a message; redirects are not followed, so that it
reaches the host that the environment names and no other.
"""
