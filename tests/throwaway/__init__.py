"""A resource kind and an operation type that are added to a copy of the product, as CONTRIBUTING says."""
