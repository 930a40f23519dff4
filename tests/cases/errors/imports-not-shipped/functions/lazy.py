import pandas as pd


def handler(event, context):
    import httpx

    return pd, httpx
