"""The keys of an embedded AWS of which only the URL is known: its refusals name the data folder, which opens to its owner."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bunsui.aws.botocore_session import Credentials
from bunsui.emulator.access.principals import Issuer, developer
from bunsui.emulator.access.secret import read_secret
from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.server.access_filter import FOLDER_HEADER, IDENTITY_PATH


def credentials_at(url: str, account: str) -> Credentials:
    """Return the developer's credentials in an account of the embedded AWS at the URL, also through a `CountingProxy`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", IDENTITY_PATH)
        folder = connection.getresponse().getheader(FOLDER_HEADER)
    finally:
        connection.close()
    secret = read_secret(DataFolder(Path(unquote(folder or ""))).secret)
    if secret is None:
        raise SystemExit(f"{url} is no embedded AWS of yours")
    keys = Issuer(secret).keys(developer(account))
    return Credentials(access_key=keys.access_key, secret_key=keys.secret_key, token=keys.token)
