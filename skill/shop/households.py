"""Who shops: a household, and where its orders go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

HouseholdId = NewType("HouseholdId", str)


def store_chain(store_id: str) -> HouseholdId:
    """Under which the store keeps an audit chain of its own: what its owners did. No household can be called so."""
    return HouseholdId(f"store:{store_id}")


def guest_owner(platform: str, user: str) -> str:
    """Whose cart and conversation it is where a platform's account is linked to no household."""
    return f"guest:{platform}:{user}"


@dataclass(frozen=True, slots=True)
class Household:
    """A household that was set up outside the voice channel.

    `time_zone` is an IANA name. `time_zone_before` was in force until `time_zone_since` (UTC), which may lie ahead: a moved
    zone takes effect a day later. `code_set` tells whether a purchase code exists, `code_locked` whether too many wrong ones
    were heard; `code_generation` counts the proved codes, and numbers the window of what was bought without one while one is set.
    """

    household_id: HouseholdId
    name: str
    time_zone: str
    address: str
    created_at: datetime
    email: str = ""
    time_zone_before: str = ""
    time_zone_since: datetime | None = None
    code_set: bool = False
    code_locked: bool = False
    code_generation: int = 0

    @property
    def is_forgotten(self) -> bool:
        """Its people were deleted. It is kept for the books, and nothing more is set for it."""
        return not self.name
