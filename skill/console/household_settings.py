"""Speakers, the purchase code, the clock, and the household's data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from flask import Response, request
from werkzeug.exceptions import NotFound

from skill.console.access import PARENT, Visitor, make_sign_in_link, remove_account
from skill.console.household import ACCOUNTS_SHOWN_MAX, Home
from skill.console.site import Site
from skill.console.story import tell_entry
from skill.errors import CodeRefused, HouseholdInvalid, PairingRefused
from skill.guard.pairing import PAIRING_LENGTH
from skill.guard.policy_file import knob_json
from skill.households import delete_household, move_household, pair_account, set_purchase_code, time_zones
from skill.ordering.checking import all_audit, all_orders
from skill.ports import AuditDraft
from skill.shop.quote import QuoteLine

APPROVALS_WRITTEN_MAX = 1000
SUBJECTS_WRITTEN_MAX = 1000

_PATH = "/household/settings"
_PLATFORMS = {
    "alexa": "Amazon Alexa",
    "dialogflow-cx": "Dialogflow CX",
    "dialogflow-es": "Dialogflow ES",
    "actions-builder": "Google Assistant",
    "account": "Account at the shop",
}


def add_settings_pages(site: Site) -> None:
    home, ports = Home(site), site.ports

    @site.page(_PATH, role=PARENT)
    def settings_page(visitor: Visitor) -> Response:
        return show(visitor)

    @site.action(f"{_PATH}/pair", role=PARENT)
    def pair(visitor: Visitor) -> Response:
        try:
            platform, _ = pair_account(ports, visitor.household_id, request.form.get("letters", "")[:64], visitor.who)
        except PairingRefused as refused:
            return show(visitor, {"pair": str(refused)}, 422)
        return site.go(
            _PATH, f"Paired: this {_PLATFORMS.get(platform, platform)} speaker now shops for your household."
        )

    @site.action(f"{_PATH}/code", role=PARENT, carry=False)
    def set_code(visitor: Visitor) -> Response:
        code, again = request.form.get("code", "").strip(), request.form.get("again", "").strip()
        if code != again:
            return show(visitor, {"code": "The two codes are not the same. Nothing was changed."}, 422)
        try:
            set_purchase_code(ports, visitor.household_id, code, visitor.who)
        except CodeRefused as refused:
            return show(visitor, {"code": str(refused)}, 422)
        return site.go(_PATH, "The code is set, and orders are unlocked. The speaker never says it aloud.")

    @site.action(f"{_PATH}/code/remove", role=PARENT)
    def remove_code(visitor: Visitor) -> Response:
        set_purchase_code(ports, visitor.household_id, None, visitor.who)
        if home.limits(visitor)["pin_policy"].value == "never":
            return site.go(_PATH, "The code is removed: anybody in the room can order within your limits.")
        return site.go(
            _PATH, "The code is removed. Nothing can be ordered until you set another or choose to go without."
        )

    @site.action(f"{_PATH}/time-zone", role=PARENT)
    def move(visitor: Visitor) -> Response:
        before = home.household(visitor)
        try:
            at = move_household(ports, visitor.household_id, request.form.get("time_zone", ""), visitor.who)
        except HouseholdInvalid as refused:
            return show(visitor, {"time_zone": str(refused)}, 422)
        after = home.household(visitor)
        if after == before:
            return site.go(_PATH, "Nothing was different.", kind="plain")
        if at is None:
            return site.go(_PATH, "Your days go on being counted in the zone that you are in.")
        moved = site.when(at, after.time_zone_before or "UTC")
        return site.go(_PATH, f"Your days are counted in the new zone from {moved} on.")

    @site.action(f"{_PATH}/adult", role=PARENT)
    def let_in(visitor: Visitor) -> Response:
        """The link is shown once, on this very page, and kept nowhere."""
        link = site.own_address() + make_sign_in_link(ports, PARENT, visitor.household_id)
        return show(visitor, link=link)

    @site.action(f"{_PATH}/shut-out", role=PARENT)
    def shut_out(visitor: Visitor) -> Response:
        account = ports.sign_ins.account(request.form.get("account", ""))
        if account is None or account.household_id != visitor.household_id or account.account_id == visitor.who:
            raise NotFound
        remove_account(ports, account, visitor.who)
        return site.go(_PATH, f"{account.name} cannot sign in any more.")

    @site.action(f"{_PATH}/data.json", role=PARENT)
    def download(visitor: Visitor) -> Response:
        draft = AuditDraft(visitor.household_id, "data_downloaded", site.now(), facts={"who": visitor.who})
        ports.ledger.write_audit(draft)
        response = Response(_written(home, visitor), mimetype="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="household.json"'
        return response

    @site.action(f"{_PATH}/delete", role=PARENT)
    def delete(visitor: Visitor) -> Response:
        household = home.household(visitor)
        typed = " ".join(request.form.get("confirmation", "").split())
        if household.name and typed.casefold() != household.name.casefold():  # no name: a deletion that failed half-way
            told = f"Nothing was deleted. To delete everything, type the household's name: {household.name}"
            return show(visitor, {"delete": told}, 422)
        delete_household(ports, household.household_id, visitor.who)
        response = site.go(
            "/sign-in", "The household is forgotten. Orders stay in the store's books, without your name."
        )
        site.set_cookie(response, ports.keys.new_token(32))
        return response

    def show(
        visitor: Visitor, problems: Mapping[str, str] | None = None, status: int = 200, link: str = ""
    ) -> Response:
        links = ports.households.linked(visitor.household_id)
        return home.show(
            "household/settings.html",
            visitor,
            status=status,
            problems=problems or {},
            speakers=[(_PLATFORMS.get(platform, platform), user[-6:]) for platform, user in links],
            pin_policy=home.limits(visitor)["pin_policy"].value,
            zones=time_zones(),
            letters=PAIRING_LENGTH,
            accounts=ports.sign_ins.accounts(PARENT, visitor.household_id, ACCOUNTS_SHOWN_MAX),
            link=link,
        )


def _written(home: Home, visitor: Visitor) -> Iterator[str]:
    """All that is kept of the household, as one JSON document, a piece at a time."""
    ports, household_id = home.ports, visitor.household_id
    household = ports.households.get(household_id)
    subjects = [("household", str(household_id)), *ports.policies.subjects(household_id, SUBJECTS_WRITTEN_MAX)]
    head = {
        "household": {
            "id": household_id,
            "name": household.name,
            "address": household.address,
            "email": household.email,
            "time_zone": household.time_zone,
            "created_at": household.created_at.isoformat(),
            "purchase_code_set": household.code_set,
        },
        "speakers": [{"platform": platform, "user": user} for platform, user in ports.households.linked(household_id)],
        "accounts": sorted({**home.names(visitor), visitor.who: visitor.account.name}.values()),
        "limits": {
            f"{level} {subject}": {
                name: knob_json(value) for name, value in ports.policies.layer(level, subject).knobs.items()
            }
            for level, subject in subjects
        },
        "approvals": [
            {
                "asked_at": each.asked_at.isoformat(),
                "state": each.state.value,
                "total": str(each.quote.total),
                "lines": _lines(each.quote.lines),
                "address": each.quote.address,
            }
            for each in ports.approvals.of_household(household_id, APPROVALS_WRITTEN_MAX)
        ],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "orders": ['
    comma = ""
    for order in all_orders(ports, household_id):
        written = {
            "id": order.order_id,
            "at": order.reserved_at.isoformat(),
            "state": order.state.value,
            "total": str(order.total),
            "lines": _lines(order.lines),
            "address": order.address,
        }
        yield comma + json.dumps(written, ensure_ascii=False)
        comma = ","
    yield '], "history": ['
    comma = ""
    for entry in all_audit(ports, household_id):
        told = {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "kind": entry.kind,
            "told": tell_entry(entry, home.money_text),
            "facts": dict(entry.facts),
            "personal": None if entry.personal is None else dict(entry.personal),
        }
        yield comma + json.dumps(told, ensure_ascii=False)
        comma = ","
    yield "]}"


def _lines(lines: tuple[QuoteLine, ...]) -> list[dict[str, object]]:
    return [
        {"title": each.title, "size": each.size, "quantity": each.quantity, "price": str(each.price)} for each in lines
    ]
