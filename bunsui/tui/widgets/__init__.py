"""Widgets, one a file: each with its messages, bindings and help.

In: view-models. Out: messages. Called by the screens.

Rule: a widget knows no service and no worker.
"""
