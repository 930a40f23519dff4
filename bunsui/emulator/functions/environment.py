"""The environment variables of a Lambda function's process: those that Lambda sets, the function's own, none of this machine.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables". Beside
them stands where the embedded AWS is, which the SDKs read. `AWS_LAMBDA_RUNTIME_API` is missing: there is no such server here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from bunsui.process_environment import inherited_environment

_LAYERS = "/opt"
_FREE: Mapping[str, str] = {
    "LANG": "en_US.UTF-8",
    "PATH": f"/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:{_LAYERS}/bin",
    "TZ": ":UTC",
    # Without it the SDK puts a name before `127.0.0.1`, as in `sync-127.0.0.1`.
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
}
"""What Lambda sets and a function may set otherwise."""


def function_environment(
    config: Mapping[str, Any],
    *,
    region: str,
    credentials: Mapping[str, str],
    endpoint_url: str,
    task_root: str,
    runtime_dir: str,
    scratch: str,
) -> dict[str, str]:
    """Return the variables. `config` is the function's, as Lambda describes it; `scratch` is its temporary folder."""
    own = (config.get("Environment") or {}).get("Variables") or {}
    name, version = str(config.get("FunctionName", "")), str(config.get("Version", "$LATEST"))
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    reserved = {
        "_HANDLER": str(config.get("Handler", "")),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": str(group),
        "LAMBDA_TASK_ROOT": task_root,
        "LAMBDA_RUNTIME_DIR": runtime_dir,
        **credentials,
    }
    free = {**_FREE, "AWS_ENDPOINT_URL": endpoint_url}
    if scratch != "/tmp":  # noqa: S108 - the function's own
        free |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch)
    machine = inherited_environment(os.environ) if sys.platform == "win32" else {}
    return {**machine, **free, **{str(key): str(value) for key, value in own.items()}, **reserved}
