"""The only place that knows boto3: clients, error mapping, providers, stores.

In: a `Connection` (session, region, endpoint, limits) and what a port asks for. Out: values of the model, and errors of bunsui.
Called through `bunsui.ports` alone, wired by `bunsui.composition`; the embedded AWS calls services by `service_calls`.

Rule: no boto3 dict leaves this package.
"""
