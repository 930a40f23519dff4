"""Requests against the published models of AWS's services: what a service refuses before it looks at anything else.

In: a service, an operation, the request's parameters. Out: sentences, as AWS words them. Used by the embedded AWS, and by the
tests for every call that they make.

Rule: nothing is known here that does not stand in a model; what a model does not say stands in `bunsui.kinds.constraints`.
"""
