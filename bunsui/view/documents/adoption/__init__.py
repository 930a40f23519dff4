"""Machines of others as JSON documents.

In: values of `bunsui.services.adoption`. Out: shapes that are written by `bunsui.codec`. Called by the command line.

Rule: a document is its own schema.
"""
