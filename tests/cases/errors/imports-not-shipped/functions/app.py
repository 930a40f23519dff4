import distutils

import boto3
import yaml

try:
    import orjson
except ImportError:
    orjson = None


def handler(event, context):
    return yaml, boto3, distutils, orjson
