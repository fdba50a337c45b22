"""Posting to the shop's own server."""

from __future__ import annotations

from urllib.parse import urlsplit

from skill.errors import SettingsInvalid

#: Connecting and answering, in seconds. Standard Webhooks ask for 15 to 30.
_TIMEOUT_S = 15.0

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class HttpWebhook:
    """`url` is https, or http on this machine. Raises `SettingsInvalid` for another."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or parts.scheme not in ("https", "http"):
            raise SettingsInvalid(f"SAYSO_WEBHOOK_URL is {url!r}; it must be an https address")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise SettingsInvalid("SAYSO_WEBHOOK_URL must be https: orders hold names and addresses")
        self._url = url

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        import urllib3

        try:
            response = urllib3.request(
                "POST", self._url, body=body, headers=headers, timeout=_TIMEOUT_S, retries=False, redirect=False
            )
        except (urllib3.exceptions.HTTPError, UnicodeError) as failed:
            raise OSError(str(failed)) from failed
        return response.status
