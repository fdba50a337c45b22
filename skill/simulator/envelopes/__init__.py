"""Each platform's requests, as that platform would send them, and its responses, as its shopper would hear them.

The page, `sayso chat` and the tests talk to the skill through these, so that the real adapter is between them and it.
"""

from __future__ import annotations

from types import MappingProxyType

from skill.simulator.envelopes.alexa import AlexaEnvelopes
from skill.simulator.envelopes.dialogflow_cx import DialogflowCxEnvelopes
from skill.simulator.envelopes.shapes import Card, Envelopes, Heard, Ids, Now, new_id, utc_now

__all__ = ["PLATFORMS", "AlexaEnvelopes", "Card", "DialogflowCxEnvelopes", "Envelopes", "Heard", "envelopes_for"]

#: Name → (envelopes, path).
PLATFORMS = MappingProxyType({each.platform: (each, each.path) for each in (AlexaEnvelopes, DialogflowCxEnvelopes)})


def envelopes_for(platform: str, user: str, *, locale: str, ids: Ids = new_id, now: Now = utc_now) -> Envelopes:
    """The envelopes of a platform in `PLATFORMS`, for one shopper. Raises `KeyError` for another platform."""
    envelopes, _ = PLATFORMS[platform]
    return envelopes(user, locale=locale, ids=ids, now=now)
