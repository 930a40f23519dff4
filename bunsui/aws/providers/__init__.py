"""One file for each resource kind: bulk reads and writes with boto3, the effects half of `bunsui.kinds`."""
