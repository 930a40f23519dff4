"""Machines of others as lines: what an import would do, what it did.

In: values of `bunsui.services.adoption`. Out: lines of spans. Called by the command line.

Rule: pure; what comes from AWS is data.
"""
