"""Google's three webhooks of a store, by the path each is served at: the same on a server and on AWS Lambda."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from skill.platforms.actions_builder import ActionsBuilder
from skill.platforms.dialogflow_cx import DialogflowCx
from skill.platforms.dialogflow_es import DialogflowEs
from skill.platforms.signed_user import SignedUsers
from skill.platforms.webhook import GoogleCallers, Webhook
from skill.settings import Settings
from skill.turn import Reply, Turn

WEBHOOKS: Mapping[str, type[Webhook]] = MappingProxyType(
    {
        "/dialogflow/cx": DialogflowCx,
        "/dialogflow/es": DialogflowEs,
        "/actions": ActionsBuilder,
    }
)


def open_webhooks(
    settings: Settings,
    answer: Callable[[Turn], Reply],
    *,
    store: str,
    now: Callable[[], datetime],
    trusted: bool = False,
) -> dict[str, Webhook]:
    """By path. Each asks for the secret, for Google's signature, or for either, as the settings have it.

    `trusted` is for a server on loopback alone that asks for neither: the session's name is the shopper.
    """
    key = settings.dialogflow_user_key
    users = SignedUsers(key, audience=store, now=now) if key else None
    webhooks = {}
    for path, kind in WEBHOOKS.items():
        callers = None
        if settings.google_account:
            audience = settings.public_url + path
            callers = GoogleCallers(audience=audience, account=settings.google_account, now=now)
        webhooks[path] = kind(
            answer,
            store=store,
            users=users,
            trusted=trusted,
            secret=settings.dialogflow_secret,
            callers=callers,
            locale=settings.locale,
        )
    return webhooks
