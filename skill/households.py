"""Setting households up, outside the voice channel: what the commands, the demo and the pages do for an adult.

Each change is written to the household's audit trail with who made it and why; that of a limit, of the purchase code and of the
time zone in the change's own write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from skill.errors import CatalogueMissing, CodeRefused, HouseholdInvalid, PairingRefused, PolicyInvalid
from skill.guard.code import CODE_LENGTH, is_four_digits, is_guessable
from skill.guard.decision import parts_of
from skill.guard.pairing import PAIRING_LENGTH, PAIRING_LETTERS, read_pairing_code
from skill.guard.policy import LIFTED, PROFILES, Layer, effective_policy, household_of, household_values
from skill.guard.policy_file import PolicyChange, change_layer, knob_json
from skill.guard.windows import ZONE_MOVE_DELAY, moves_again_at, zone
from skill.ports import AuditDraft, Ports
from skill.shop.catalogue import Sku
from skill.shop.households import Household, HouseholdId, guest_owner, store_chain

NAME_LENGTH_MAX = 100
ADDRESS_LENGTH_MAX = 300
EMAIL_LENGTH_MAX = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

#: Zones that are whatever the machine is set to, or nowhere.
_NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})

#: What takes somebody out of their profile.
NO_PROFILE = "none"
#: People and profiles that are looked through for the profiles there are.
SUBJECTS_LOOKED_AT_MAX = 1000

_PROFILE = re.compile(r"[a-z0-9-]{1,30}\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")


def create_household(
    ports: Ports, *, name: str, address: str, time_zone: str, email: str, who: str, household_id: str = ""
) -> Household:
    """A new household that may order, once a code is set or declined. `household_id` is made up where none is given.

    Raises `HouseholdInvalid`.
    """
    name, address, email = (" ".join(text.split()) for text in (name, address, email))
    if not name or len(name) > NAME_LENGTH_MAX:
        raise HouseholdInvalid(f"the name is {len(name)} characters long; give 1 to {NAME_LENGTH_MAX}")
    if not address or len(address) > ADDRESS_LENGTH_MAX:
        raise HouseholdInvalid(f"the address is {len(address)} characters long; give 1 to {ADDRESS_LENGTH_MAX}")
    if email and (len(email) > EMAIL_LENGTH_MAX or not _EMAIL.match(email)):
        raise HouseholdInvalid(f"{email!r} is no email address such as kim@example.com")
    check_time_zone(time_zone)
    if household_id.startswith(store_chain("")):
        raise HouseholdInvalid(f"{household_id!r} is the store's own; give another id")
    now = ports.clock.now_utc()
    household = Household(
        household_id=HouseholdId(household_id or f"hh_{ports.keys.new_token(9)}"),
        name=name,
        time_zone=time_zone,
        address=address,
        created_at=now,
        email=email,
    )
    ports.households.create(household)
    change_policy(
        ports, "household", household.household_id, PolicyChange({"ordering_enabled": True}), who, "household set up"
    )
    return household


def check_time_zone(time_zone: str) -> None:
    """Raises `HouseholdInvalid` unless it is an IANA name, of a place or of UTC."""
    try:
        zone(time_zone)
    except PolicyInvalid as unknown:
        raise HouseholdInvalid(str(unknown)) from unknown
    if time_zone not in time_zones():
        raise HouseholdInvalid(f"{time_zone!r} is no place's time zone; write one such as America/New_York")


@cache
def time_zones() -> tuple[str, ...]:
    """Every zone that a household can be in, by name. Finding them goes through a folder of files."""
    return tuple(sorted(available_timezones() - _NO_PLACES))


def move_household(ports: Ports, household_id: HouseholdId, time_zone: str, who: str) -> datetime | None:
    """Counts the household's days in another zone from the time that is returned (UTC), None where they are counted in it now.

    A move that has not taken effect is replaced, and moving to where the household still is takes it back; after one that has
    taken effect, the next waits until its windows have ended. Raises `HouseholdInvalid`, `HouseholdUnknown`.
    """
    check_time_zone(time_zone)
    now = ports.clock.now_utc()
    household = ports.households.get(household_id)
    pending = household.time_zone_since if household.time_zone_since and now < household.time_zone_since else None
    if time_zone == household.time_zone:
        return pending
    if pending and time_zone == household.time_zone_before:
        facts = {"who": who, "time_zone": time_zone, "effective_at": now.isoformat()}
        ports.households.stay(household_id, AuditDraft(household_id, "zone_moved", now, facts=facts))
        return None
    effective_at = now + ZONE_MOVE_DELAY
    again_at = moves_again_at(household)
    if again_at is not None and household.time_zone_since is not None and household.time_zone_since <= now < again_at:
        raise HouseholdInvalid(
            f"the household has just moved; its time zone can be changed again from {again_at:%Y-%m-%d %H:%M} UTC on"
        )
    facts = {"who": who, "time_zone": time_zone, "effective_at": effective_at.isoformat()}
    draft = AuditDraft(household_id, "zone_moved", now, facts=facts)
    ports.households.move(household_id, time_zone, effective_at, draft)
    return effective_at


def set_purchase_code(ports: Ports, household_id: HouseholdId, code: str | None, who: str) -> None:
    """Sets the code, or with None removes it; either way orders are unlocked.

    Raises `CodeRefused` for a code that is not four digits or among the easiest to guess, `HouseholdUnknown`. The code is in
    no message.
    """
    if code is not None and not is_four_digits(code):
        raise CodeRefused(f"a purchase code is exactly {CODE_LENGTH} digits, 0 to 9", why="not_four_digits")
    if code is not None and is_guessable(code):
        raise CodeRefused(
            "this code is too easy to guess: dates, years, repeated digits, runs and lines on a keypad are tried first",
            why="guessable",
        )
    kind = "code_removed" if code is None else "code_set"
    draft = AuditDraft(household_id, kind, ports.clock.now_utc(), facts={"who": who})
    ports.households.set_code(household_id, code, draft)


def pair_account(ports: Ports, household_id: HouseholdId, typed: str, who: str) -> tuple[str, str]:
    """Links the account whose speaker read out the code that was typed: (platform, user). What it had put in a cart as a guest
    goes into the household's, within the household's limits.

    Raises `PairingRefused`, `HouseholdUnknown`.
    """
    code = read_pairing_code(typed)
    if code is None:
        raise PairingRefused(
            f"a pairing code has {PAIRING_LENGTH} letters, of {PAIRING_LETTERS}; say 'give me a pairing code' to the speaker",
            why="unknown",
        )
    now = ports.clock.now_utc()
    try:
        quantity_max, lines_max = _cart_limits(ports, household_id)
        platform, user = ports.pairings.redeem(code, household_id, now, quantity_max=quantity_max, lines_max=lines_max)
    except PairingRefused as refused:
        raise PairingRefused(_WHY_NOT_PAIRED[refused.facts["why"]], **refused.facts) from refused
    facts = {"who": who, "platform": platform}
    ports.ledger.write_audit(AuditDraft(household_id, "account_paired", now, facts=facts, personal={"user": user}))
    return platform, user


def _cart_limits(ports: Ports, household_id: HouseholdId) -> tuple[int | None, int | None]:
    """The household's own: nobody speaks here, and whoever speaks later has theirs at each change. Nothing where they cannot be
    read.
    """
    try:
        policy = effective_policy(
            ports.policies.layer("store", ports.store.store_id),
            ports.policies.layer("household", household_id),
            [],
            currency=ports.store.currency,
            age_restricted_categories=ports.store.age_restricted_categories,
        )
    except PolicyInvalid:
        return 0, 0
    return policy.quantity_per_line_max, policy.lines_max


_WHY_NOT_PAIRED = {
    "unknown": "this pairing code is unknown, was used, or is older than ten minutes; ask the speaker for another",
    "too_many_tries": "too many wrong pairing codes; try again in an hour",
}


def change_policy(ports: Ports, level: str, subject: str, change: PolicyChange, who: str, why: str) -> Layer:
    """Makes the change in that level's layer. Raises `PolicyInvalid`, and `VersionConflict` where somebody else was first.

    The audit entry has each limit as it held at that level before and after. Whose it is, and what somebody wrote about it, may
    name a person, so that it goes under the household's key.
    """
    before, now = ports.policies.layer(level, subject), ports.clock.now_utc()
    if level == "profile" and not before.version:
        _check_profile_name(subject.partition("/")[2])
    after = change_layer(before, change)
    held, holds = _values(ports, before), _values(ports, after)
    facts = {
        "who": who,
        "level": level,
        "version": before.version + 1,
        "currency": ports.store.currency,
        "changed": {
            name: [knob_json(held.get(name)), knob_json(holds.get(name))] for name in (*change.knobs, *change.restored)
        },
        "restored": sorted(change.restored),
    }
    personal = {"why": why} if why else {}
    if level == "store":
        draft = AuditDraft(store_chain(subject), "policy_changed", now, facts=facts | personal)
    else:
        if level != "household":
            personal[level] = subject.partition("/")[2]
        draft = AuditDraft(HouseholdId(household_of(subject)), "policy_changed", now, facts=facts, personal=personal)
    return ports.policies.set_layer(after, who, why, now, draft)


def names_not_sold(ports: Ports, knobs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(limit, name) of categories and products in lists of the limits that the catalogue does not have now. A name may belong to a
    feed that is yet to come, so it is taken; but a slip of the pen should be seen.
    """
    try:
        categories = {each.casefold() for each in ports.catalogue.categories()}
        skus = knobs.get("skus_denied") or frozenset()
        known = {
            "categories_denied": parts_of(categories) | {LIFTED},
            "categories_allowed": categories | {LIFTED},
            "skus_denied": {each.casefold() for each in ports.catalogue.products(map(Sku, skus))},
        }
    except CatalogueMissing:
        return []
    return [
        (limit, name)
        for limit, those in known.items()
        for name in sorted(knobs.get(limit) or ())
        if name.casefold() not in those
    ]


def _check_profile_name(name: str) -> None:
    if name == NO_PROFILE or not _PROFILE.match(name):
        raise PolicyInvalid(
            f"{name!r} is no name for a profile: use small letters, digits and dashes, such as child", knob="profile"
        )


def _values(ports: Ports, layer: Layer) -> Mapping[str, Any]:
    """Every limit of a household, also by default; of anybody else those that were set."""
    if layer.level != "household":
        return layer.knobs
    return household_values(layer.knobs, ports.store.age_restricted_categories)


def profiles_of(ports: Ports, household_id: HouseholdId) -> list[str]:
    """The profiles that every household has, and those of its own, by name."""
    subjects = ports.policies.subjects(household_id, SUBJECTS_LOOKED_AT_MAX)
    return sorted({*PROFILES, *(subject.partition("/")[2] for level, subject in subjects if level == "profile")})


def assign_profile(ports: Ports, household_id: HouseholdId, person: str, profile: str, who: str) -> Layer:
    """Puts a recognised speaker into an age profile; `none` takes them out. Raises `PolicyInvalid` for one that there is not."""
    if (
        profile not in (NO_PROFILE, *PROFILES)
        and not ports.policies.layer("profile", f"{household_id}/{profile}").version
    ):
        known = profiles_of(ports, household_id)
        raise PolicyInvalid(
            f"{profile!r} is no profile of {household_id}; there are {', '.join(known)}; `{NO_PROFILE}` takes somebody out, and "
            f"`sayso policy set --household {household_id} --profile NAME KEY=VALUE` makes another",
            knob="profile",
        )
    before = ports.policies.layer("person", f"{household_id}/{person}")
    knobs = {name: value for name, value in before.knobs.items() if name != "profile"}
    after = replace(before, knobs=knobs if profile == NO_PROFILE else knobs | {"profile": profile})
    now = ports.clock.now_utc()
    facts = {"who": who, "level": "person", "version": before.version + 1}
    personal = {"person": person, "changed": {"profile": [before.knobs.get("profile", NO_PROFILE), profile]}}
    draft = AuditDraft(household_id, "policy_changed", now, facts=facts, personal=personal)
    return ports.policies.set_layer(after, who, "profile assigned", now, draft)


def delete_household(ports: Ports, household_id: HouseholdId, who: str) -> None:
    """Forgets the people: their records go, and with the household's own key everything personal in its audit trail.

    Orders and the chain stay, as the books need them; answers given in the last two days are swept as always. What is on its
    way to the shop is not called back. A deletion that failed half-way is finished by another: the accounts go last, so that
    whoever asked for it can ask again. Raises `HouseholdUnknown`.
    """
    ports.households.get(household_id)
    now = ports.clock.now_utc()
    ports.ledger.write_audit(AuditDraft(household_id, "household_deleted", now, facts={"who": who}))
    for platform, user in ports.households.linked(household_id):
        # With all that is kept of the account itself, also from the time when it was a guest.
        ports.accounts.leave(platform, user, guest_owner(platform, user), now)
    ports.households.forget(household_id)
    ports.notifier.forget(household_id)
    ports.keys.destroy(household_id)
    ports.sign_ins.forget(household_id)
