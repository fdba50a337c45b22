"""Fetching small files of others: certificates, public keys, what an issuer says of a token.

No redirects, bounded in bytes and seconds.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from skill.errors import RequestRejected

FILE_BYTES_MAX = 64 * 1024
FETCH_TIMEOUT_S = 3


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> Request | None:
        return None


def fetch_file(url: str, what: str, form: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """The file at `url`, an address that the caller has checked; `form` is posted there.

    Raises `RequestRejected`, naming `what`, where it does not come within `FETCH_TIMEOUT_S`, or is longer than `FILE_BYTES_MAX`.
    """
    import certifi

    opener = build_opener(_NoRedirects, HTTPSHandler(context=ssl.create_default_context(cafile=certifi.where())))
    try:
        with opener.open(Request(url, form, dict(headers or {})), timeout=FETCH_TIMEOUT_S) as response:
            file: bytes = response.read(FILE_BYTES_MAX + 1)
    except (URLError, OSError) as error:
        raise RequestRejected(f"{what} could not be fetched") from error
    if len(file) > FILE_BYTES_MAX:
        raise RequestRejected(f"{what} is too long")
    return file
