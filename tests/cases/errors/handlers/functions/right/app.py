def handler(event, context):
    return event


try:
    from fast import later
except ImportError:
    later = handler
