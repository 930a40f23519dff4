"""Use cases, one verb a file: ports in, outcome out, no printing."""
