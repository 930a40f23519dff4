"""Sends what people are told: posts, mails, messages of topics, with the values of secrets at the last moment.

In: channels, notifications. Out: requests to servers, or why nothing was told. Called by the resident and `bunsui alerts test`,
wired by `bunsui.composition.channels`.

Rule: no value of a secret leaves in what is raised; nothing is sent where the connection is not safe, the embedded AWS apart.
"""
