"""Who talks to the speaker: voices that were recognised, the age profile of each, and what a profile may order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request
from werkzeug.exceptions import NotFound

from skill.console.access import PARENT, Visitor
from skill.console.household import Home
from skill.console.site import Site
from skill.guard import policy
from skill.guard.policy_file import PolicyChange, read_knobs
from skill.households import NO_PROFILE, assign_profile, change_policy, profiles_of
from skill.ports import AuditEntry
from skill.shop.households import HouseholdId

#: How many of the newest entries are looked through for voices, how many when asked to look further, and how many are shown.
LOOKED_THROUGH, LOOKED_THROUGH_MAX = 30, 2000
VOICES_SHOWN_MAX = 20

#: The profiles that every household has, as the page calls them.
PROFILES = tuple(zip(policy.PROFILES, ("Child", "Teenager"), strict=True))
#: What a profile's form has: every one only tightens what holds for the household.
AMOUNTS = (
    ("order_max", "One order at most"),
    ("day_max", "A day at most"),
    ("adult_approval_over", "Ask me above"),
)
UNRECOGNISED = (
    ("pin", "Ask for the code", "As before every order; where no code is set, the number that the speaker names."),
    ("adult", "Ask me", "The order waits until you approve it on this page."),
    ("refuse", "Refuse", "Only voices that the speaker knows can order. Without voice profiles, nobody can."),
    ("allow", "Treat like everybody", "The voice makes no difference."),
)

_PATH = "/household/people"


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker that the platform recognised. `key` is the platform's own name for the voice; it tells nobody who that is."""

    key: str
    number: int
    profile: str
    version: int  # of what is kept about it
    last_at: datetime
    last_items: tuple[str, ...]


def add_people_pages(site: Site) -> None:
    home, ports = Home(site), site.ports
    currency = ports.store.currency

    @site.page(_PATH, role=PARENT)
    def people_page(visitor: Visitor) -> Response:
        return show(visitor)

    @site.action(f"{_PATH}/voice", role=PARENT)
    def set_profile(visitor: Visitor) -> Response:
        key, profile = request.form.get("voice", ""), request.form.get("profile", "")
        if profile not in {NO_PROFILE, *profiles_of(ports, visitor.household_id)}:
            raise NotFound
        if key not in {each.key for each in voices_of(home, visitor.household_id)}:
            raise NotFound
        home.check_shown(ports.policies.layer("person", f"{visitor.household_id}/{key}"))
        assign_profile(ports, visitor.household_id, key, profile, visitor.who)
        return site.go(_PATH, "Saved. It holds from the next order on.")

    @site.action(f"{_PATH}/unrecognised", role=PARENT)
    def set_unrecognised(visitor: Visitor) -> Response:
        chosen = request.form.get("unrecognised_speaker", "")
        if chosen not in {name for name, _, _ in UNRECOGNISED}:
            raise NotFound
        home.check_shown(home.layer(visitor))
        change = PolicyChange({"unrecognised_speaker": chosen})
        change_policy(ports, "household", visitor.household_id, change, visitor.who, "on the page")
        return site.go(_PATH, "Saved. The speaker keeps to it from now on.")

    @site.action(f"{_PATH}/profile/<profile>", role=PARENT)
    def set_limits_of(visitor: Visitor, profile: str) -> Response:
        if profile not in {name for name, _ in PROFILES}:
            raise NotFound
        subject = f"{visitor.household_id}/{profile}"
        layer = ports.policies.layer("profile", subject)
        problems: dict[str, str] = {}
        read: dict[str, int | None] = {}
        for name, _ in AMOUNTS:
            if name not in request.form:
                continue
            try:
                read[name] = site.read_amount(request.form[name])
            except ValueError:
                problems[f"{profile} {name}"] = (
                    f"Write an amount such as {site.typed(120_000)}, without thousands, or nothing for the household's limit."
                )
        if problems:
            return show(
                visitor, problems, {f"{profile} {name}": request.form.get(name, "") for name, _ in AMOUNTS}, 422
            )
        home.check_shown(layer)
        knobs = read_knobs({name: value for name, value in read.items() if value is not None}, currency)
        gone = frozenset(name for name, value in read.items() if value is None and name in layer.knobs)
        change_policy(ports, "profile", subject, PolicyChange(knobs, gone), visitor.who, "on the page")
        return site.go(_PATH, "Saved. It holds from the next order on.")

    def show(
        visitor: Visitor,
        problems: Mapping[str, str] | None = None,
        typed: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        further = "further" in request.args
        profiles = []
        for name, label in PROFILES:
            layer = ports.policies.layer("profile", f"{visitor.household_id}/{name}")
            fields = [
                (each, words, (typed or {}).get(f"{name} {each}", site.typed(layer.knobs.get(each))))
                for each, words in AMOUNTS
            ]
            profiles.append((name, label, fields, bool(layer.knobs), layer.version))
        return home.show(
            "household/people.html",
            visitor,
            status=status,
            voices=voices_of(home, visitor.household_id, LOOKED_THROUGH_MAX if further else LOOKED_THROUGH),
            further=further,
            profiles=profiles,
            own_profiles=[name for name in profiles_of(ports, visitor.household_id) if name not in policy.PROFILES],
            unrecognised=UNRECOGNISED,
            version=home.layer(visitor).version,
            chosen=home.limits(visitor)["unrecognised_speaker"].value,
            problems=problems or {},
        )


def voices_of(home: Home, household_id: HouseholdId, look: int = LOOKED_THROUGH_MAX) -> list[Voice]:
    """The voices in the newest entries of the audit trail, the one that was heard last first."""
    newest = home.ports.ledger.last_audit(household_id, look)
    heard: dict[str, AuditEntry] = {}
    for entry in newest:
        key = (entry.personal or {}).get("person")
        # A policy that was set for somebody who has never spoken is none of theirs.
        if isinstance(key, str) and key and key not in heard and "quote" in entry.facts:
            heard[key] = entry
    voices = []
    for number, (key, entry) in enumerate(list(heard.items())[:VOICES_SHOWN_MAX], 1):
        layer = home.ports.policies.layer("person", f"{household_id}/{key}")
        items = tuple(str(title) for _, title, *_ in entry.facts["quote"]["lines"])
        voices.append(Voice(key, number, layer.knobs.get("profile", NO_PROFILE), layer.version, entry.at, items))
    return voices
