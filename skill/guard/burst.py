"""A burst: the same basket asked for in many households at once, as when a television says it."""

from __future__ import annotations

import hashlib
import json

from skill.shop.orders import basket
from skill.shop.quote import Quote

#: This many households with the same basket, within so many seconds, are a burst ...
BURST_HOUSEHOLDS_MIN = 5
BURST_WITHIN_S = 60

#: ... and for so long after it the code is asked for everywhere.
BURST_LASTS_S = 600


def burst_phrase(quote: Quote) -> str:
    """What households are compared by: the basket, as a digest that says nothing about anyone."""
    return hashlib.sha256(json.dumps(basket(quote.lines)).encode()).hexdigest()
