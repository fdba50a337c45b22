"""Each platform's requests, as that platform would send them, and its responses, as its shopper would hear them.

The page, `sayso chat` and the tests talk to the skill through these, so that the real adapter is between them and it.
"""

from __future__ import annotations

from skill.simulator.envelopes.actions_builder import ActionsBuilderEnvelopes
from skill.simulator.envelopes.alexa import AlexaEnvelopes
from skill.simulator.envelopes.dialogflow_cx import DialogflowCxEnvelopes
from skill.simulator.envelopes.dialogflow_es import DialogflowEsEnvelopes
from skill.simulator.envelopes.shapes import Card, Envelopes, Heard, Ids, Now, new_id, utc_now

__all__ = [
    "PLATFORMS",
    "ActionsBuilderEnvelopes",
    "AlexaEnvelopes",
    "Card",
    "DialogflowCxEnvelopes",
    "DialogflowEsEnvelopes",
    "Envelopes",
    "Heard",
    "envelopes_for",
    "path_of",
]

_Kind = type[AlexaEnvelopes] | type[DialogflowCxEnvelopes] | type[DialogflowEsEnvelopes] | type[ActionsBuilderEnvelopes]
_KINDS: tuple[_Kind, ...] = (AlexaEnvelopes, DialogflowCxEnvelopes, DialogflowEsEnvelopes, ActionsBuilderEnvelopes)
_ENVELOPES: dict[str, _Kind] = {each.platform: each for each in _KINDS}

#: The names of the platforms that can be talked through. The first is the one that is taken where none is named.
PLATFORMS = tuple(_ENVELOPES)


def envelopes_for(platform: str, user: str, *, locale: str, ids: Ids = new_id, now: Now = utc_now) -> Envelopes:
    """The envelopes of a platform in `PLATFORMS`, for one shopper. Raises `KeyError` for another platform."""
    return _ENVELOPES[platform](user, locale=locale, ids=ids, now=now)


def path_of(platform: str) -> str:
    """Where a server takes the platform's requests. Raises `KeyError`."""
    return _ENVELOPES[platform].path
