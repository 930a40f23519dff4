"""Use cases, one verb a file.

In: ports, and a request as one value. Out: an outcome as one value, or events. Called by the faces, one service a command.

Rule: no printing, no parsing of arguments, no boto3.
"""
