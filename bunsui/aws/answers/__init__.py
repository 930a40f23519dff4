"""AWS's answers before anybody believes them: whether one is AWS's, has what bunsui needs, and is of the promised types.

In: the bytes and headers that botocore received. Out: botocore's own parsed answer, or an error with the code `FOREIGN`.
Called by the one place that makes sessions, `bunsui.aws.botocore_session`.

Rule: knows the service models and no service.
"""
