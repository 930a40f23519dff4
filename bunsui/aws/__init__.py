"""The only place that knows boto3: clients, error mapping, providers, stores.

Rule: no boto3 dict leaves this package.
"""
