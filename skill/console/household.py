"""The parents' pages: how things stand, freezing everything, and taking an order back. Each of the others has a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request
from werkzeug.exceptions import NotFound

from skill.console.access import PARENT, Visitor
from skill.console.site import Site
from skill.console.story import tell_decision
from skill.errors import OrderStateConflict, UndoWindowClosed, VersionConflict
from skill.guard.decision import Spent
from skill.guard.policy import WINDOW_KNOBS, Layer
from skill.guard.policy_file import LimitInForce, PolicyChange, limits_in_force
from skill.guard.windows import in_quiet_hours, local_time, window_charges
from skill.households import change_policy
from skill.ordering.approving import approval_of
from skill.ordering.undoing import undo_order
from skill.ports import Approval, ApprovalState
from skill.shop.households import Household
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState

ORDERS_SHOWN_MAX = 8
APPROVALS_SHOWN_MAX = 20
ACCOUNTS_SHOWN_MAX = 20

#: Windows that are drawn: as the guard calls them, and as the page does.
_WINDOWS = (("day", "Today"), ("week", "This week"), ("month", "This month"))


@dataclass(frozen=True, slots=True)
class Spending:
    """What a window holds, and its limit, if there is one. `percent` is at most 100."""

    label: str
    spent: Money
    limit: Money | None
    percent: int


class Home:
    """What every page of a household begins with."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ports = site.ports

    def show(self, template: str, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
        household = self.household(visitor)
        return self.site.render(
            template,
            visitor,
            status=status,
            household=household,
            waiting=len(self.open_approvals(visitor)),
            when=lambda moment, form="EEE d MMM, HH:mm": self.site.when(moment, household.time_zone, form),
            currency=self.ports.store.currency,
            **values,
        )

    def household(self, visitor: Visitor) -> Household:
        return self.ports.households.get(visitor.household_id)

    def layer(self, visitor: Visitor) -> Layer:
        return self.ports.policies.layer("household", visitor.household_id)

    def store_layer(self) -> Layer:
        """The store's own limits, which a household can only make tighter."""
        return self.ports.policies.layer("store", self.ports.store.store_id)

    @staticmethod
    def check_shown(layer: Layer) -> None:
        """Raises `VersionConflict` where the form was filled in over limits that are no longer these."""
        if request.form.get("version") != str(layer.version):
            raise VersionConflict("the limits were changed since the page was shown")

    def limits(self, visitor: Visitor) -> dict[str, LimitInForce]:
        """Every limit as it holds for the household, by name."""
        store = self.ports.store
        listed = limits_in_force(
            self.store_layer(),
            self.layer(visitor),
            age_restricted_categories=store.age_restricted_categories,
        )
        return {each.name: each for each in listed}

    def open_approvals(self, visitor: Visitor) -> list[Approval]:
        found = self.ports.approvals.of_household(visitor.household_id, APPROVALS_SHOWN_MAX, waiting_only=True)
        return [each for each in found if each.state is ApprovalState.OPEN and self.site.now() < each.lapses_at]

    def names(self, visitor: Visitor) -> dict[str, str]:
        """Account id → who that is; the visitor is `you`."""
        accounts = self.ports.sign_ins.accounts(PARENT, visitor.household_id, ACCOUNTS_SHOWN_MAX)
        return {each.account_id: each.name for each in accounts} | {visitor.who: "you"}

    def decider(self, approval: Approval | None, names: Mapping[str, str], household: Household) -> str:
        """Who approved or refused it, as the household knows them and by its clock; "" for nobody."""
        return tell_decision(approval, names, lambda at: self.site.when(at, household.time_zone))

    def money_text(self, amount: Money) -> str:
        return self.site.money(amount)


def add_household_pages(site: Site) -> None:
    home = Home(site)
    ports = site.ports

    @site.page("/household", role=PARENT)
    def overview(visitor: Visitor) -> Response:
        household, now = home.household(visitor), site.now()
        orders = ports.orders.recent(household.household_id, ORDERS_SHOWN_MAX)
        limits = {name: each.value for name, each in home.limits(visitor).items()}
        names = home.names(visitor)
        return home.show(
            "household/overview.html",
            visitor,
            limits=limits,
            frozen_here=bool(home.layer(visitor).knobs.get("frozen")),
            frozen_by_store=bool(home.store_layer().knobs.get("frozen")),
            quiet=in_quiet_hours(limits["quiet_hours"] or (), local_time(household, now)),
            spending=_spending(home, limits, household, now),
            orders=[
                (each, can_undo(each, now), home.decider(approval_of(ports, each), names, household)) for each in orders
            ],
            approvals=[(each, approval_path(site, each)) for each in home.open_approvals(visitor)],
        )

    @site.action("/household/freeze", role=PARENT)
    def freeze(visitor: Visitor) -> Response:
        frozen = request.form.get("frozen") == "1"
        change = PolicyChange({"frozen": frozen})
        change_policy(ports, "household", visitor.household_id, change, visitor.who, "on the page")
        if not frozen and home.store_layer().knobs.get("frozen"):
            return site.go(
                "/household", "You have frozen nothing any more, but the store has frozen all orders.", kind="plain"
            )
        return site.go("/household", "Nothing can be ordered now." if frozen else "Orders are possible again.")

    @site.action("/household/orders/<order_id>/undo", role=PARENT)
    def undo(visitor: Visitor, order_id: str) -> Response:
        order = ports.orders.get(OrderId(order_id))
        if order is None or order.household_id != visitor.household_id:
            raise NotFound
        try:
            undone = undo_order(ports, order, visitor.who, site.now())
        except UndoWindowClosed:
            return site.go("/household", "It is too late to take this order back here; ask the store.", kind="bad")
        except OrderStateConflict:
            return site.go("/household", "This order cannot be taken back any more.", kind="bad")
        if undone.payment_state == "refund_declined":
            return site.go(
                "/household", "Taken back; the bank has not returned the money, so ask the store.", kind="plain"
            )
        refunded = undone.payment_state == "refunded"
        note = "Taken back, and the money is returned." if refunded else "Taken back; the money is on its way back."
        return site.go("/household", note)


def _spending(home: Home, limits: Mapping[str, Any], household: Household, now: datetime) -> list[Spending]:
    charges = window_charges(household, None, None, now, code_proved=False)
    held = home.ports.ledger.spent(household.household_id, charges)
    currency = home.ports.store.currency
    windows = [(window, label, WINDOW_KNOBS[window]) for window, label in _WINDOWS]
    if limits["pin_policy"] == "never" or (household.code_set and limits["pin_policy"] == "over"):
        since = "Without the code, since it was last given" if household.code_set else "Without a code, this month"
        windows.append(("no_code", since, "no_pin_total_max"))
    shown = []
    for window, label, knob in windows:
        charge = next(each for each in charges if each.window == window)
        spent, limit = held.get(charge, Spent()).amount, limits[knob]
        percent = 0 if limit is None else 100 if spent >= limit else spent * 100 // limit
        shown.append(
            Spending(label, Money(spent, currency), None if limit is None else Money(limit, currency), percent)
        )
    return shown


def can_undo(order: Order, now: datetime) -> bool:
    return order.state is OrderState.COMMITTED and order.undo_until is not None and now < order.undo_until


def approval_path(site: Site, approval: Approval) -> str:
    from skill.ordering.approving import approval_token

    return f"/household/approvals/{approval_token(site.ports, approval.approval_id)}"
