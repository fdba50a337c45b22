"""The owner's orders: their state, shipping, taking back with the money, and who may do that."""

from __future__ import annotations

import json
import re

import pytest

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.households import delete_household
from skill.ordering.approving import approval_token, approve
from skill.ordering.checking import check_figures
from skill.ordering.sweeping import sweep
from skill.ports import AuditDraft, PaymentResult, PaymentState
from skill.shop.households import HouseholdId
from skill.shop.orders import OrderState
from skill.turn import Kind, Turn
from tests.console.conftest import PASSPHRASE

HOME = HouseholdId("hh_demo")


@pytest.fixture
def say(app):
    """The demo household says something: `say("find_products", product_query="coffee")`."""
    number = iter(range(1000))

    def said(intent: str, **slots: str) -> str:
        turn = Turn(
            platform="alexa", store=app.ports.store.store_id, user="simulator", session="kitchen",
            request_id=f"r{next(number)}", locale="en-US", kind=Kind.INTENT, intent=intent, slots=slots,
        )  # fmt: skip
        return app.answer(turn).speech

    return said


_TO_THE_TILL = (
    ("find_products", {"product_query": "coffee"}),
    ("choose_item", {"ordinal": "first"}),
    ("yes", {}),
    ("check_out", {}),
    ("give_code", {"code": "4271"}),
)


@pytest.fixture
def order(app, say):
    """An order that was just placed by voice."""
    for intent, slots in _TO_THE_TILL:
        said = say(intent, **slots)
    assert "Done" in said
    (placed,) = app.ports.orders.newest(5)
    return placed


def state_of(app, order) -> tuple[OrderState, str]:
    found = app.ports.orders.get(order.order_id)
    return found.state, found.payment_state


def test_the_list_has_the_order_with_its_total(owner, order):
    words = owner.words("/console/orders")
    assert order.order_id in words
    assert "To be shipped" in words
    assert f"${order.total.decimal()}" in words


def test_an_order_shows_its_lines_its_payment_and_what_happened(owner, order):
    words = owner.words(f"/console/orders/{order.order_id}")
    for told in (order.lines[0].title, "paid", "12 Orchard Lane", "the money was reserved", "the order was placed"):
        assert told in words


def test_how_an_order_came_to_nothing_is_seen_however_long_its_story_is(app, owner, say):
    app.ports.payments.expect(DemoOutcome.REQUIRE_ACTION)
    for intent, slots in _TO_THE_TILL[:-1]:
        say(intent, **slots)
    pay = app.ports.payments.charge

    def talked_of(order_id, amount):
        for _ in range(60):
            app.ports.ledger.write_audit(AuditDraft(HOME, "payment_unknown", app.ports.clock.now_utc(), order_id))
        return pay(order_id, amount)

    app.ports.payments.charge = talked_of
    say("give_code", code="4271")
    (refused,) = app.ports.orders.newest(5)

    words = owner.words(f"/console/orders/{refused.order_id}")
    assert "The bank wanted the cardholder to confirm the payment; nothing was ordered" in words
    assert "The last 50 of 62 entries" in words


def test_an_order_is_found_by_its_number_and_by_its_household(owner, order):
    assert order.order_id in owner.words(f"/console/orders?q={order.order_id}")
    assert order.order_id in owner.words(f"/console/orders?q={HOME}")
    assert "No orders." in owner.words("/console/orders?q=nobody")


def test_there_is_no_page_for_an_order_that_is_not_there(owner):
    owner.get("/console/orders/nothing", 404)


def test_a_shipped_order_is_heard_of_at_the_speaker(app, owner, order, say):
    page = f"/console/orders/{order.order_id}"
    assert page == owner.post(f"{page}/ship", token_from=page)
    assert (OrderState.SHIPPED, "approved") == state_of(app, order)
    assert "Marked as shipped." in owner.words(page)
    assert "cancel" not in say("order_status").lower()


def test_the_owner_cancels_after_the_households_window_and_the_money_goes_back(app, order, clock, sign_in_as):
    clock.pass_time(minutes=50)
    owner = sign_in_as("owner")
    page = f"/console/orders/{order.order_id}"
    token = owner.token(page)
    owner.post(f"{page}/cancel", csrf=token)
    assert (OrderState.CANCELLED, "refunded") == state_of(app, order)
    words = owner.words(page)
    assert "Cancelled" in words
    assert "The money was given back" in words
    assert () == check_figures(app.ports)


def test_the_household_is_told_that_the_store_has_cancelled_its_order(app, owner, order):
    page = f"/console/orders/{order.order_id}"
    token = owner.token(page)
    for _ in range(2):
        owner.post(f"{page}/cancel", csrf=token)
    sweep(app.ports, app.ports.clock.now_utc())
    told = (app.settings.data_dir / "notices.jsonl").read_text("utf-8").splitlines()
    assert ["receipt", "cancelled"] == [json.loads(each)["kind"] for each in told]


@pytest.fixture
def unpaid(app, say, clock):
    """An order whose payment has had no answer for a day."""
    app.ports.payments.expect(DemoOutcome.STAY_UNKNOWN)
    for intent, slots in _TO_THE_TILL:
        say(intent, **slots)
    for _ in range(12):
        clock.pass_time(hours=2)
        sweep(app.ports, clock.now_utc())
    (reserved,) = app.ports.orders.newest(5)
    return reserved


def test_a_payment_without_an_answer_is_put_before_the_owner_who_asks_again(app, unpaid, sign_in_as):
    owner = sign_in_as("owner")
    page = f"/console/orders/{unpaid.order_id}"
    assert "has had no answer for hours" in owner.words("/console")
    assert "No answer about the money" in owner.words("/console/orders")
    words = owner.words(page)
    assert "no answer yet; asked" in words
    assert "still has no answer; somebody should ask it" in words

    owner.post(f"{page}/ask", token_from=page)
    assert "has not answered yet" in owner.words(page)
    app.ports.payments.settle(unpaid.order_id, PaymentState.APPROVED)
    owner.post(f"{page}/ask", token_from=page)

    assert (OrderState.COMMITTED, "approved") == state_of(app, unpaid)
    assert "no answer for hours" not in owner.words("/console")


def test_a_refund_that_is_declined_is_seen_by_the_owner_and_can_be_asked_for_again(app, owner, order, monkeypatch):
    page = f"/console/orders/{order.order_id}"
    with monkeypatch.context() as refusing:
        refusing.setattr(DemoPayments, "refund", lambda *_: PaymentResult(PaymentState.DECLINED))
        owner.post(f"{page}/cancel", token_from=page)
    assert (OrderState.CANCELLED, "refund_declined") == state_of(app, order)
    assert "Refund declined" in owner.words("/console/orders")
    assert "must be given back some other way" in owner.words(page)
    owner.post(f"{page}/refund", token_from=page)
    assert (OrderState.CANCELLED, "refunded") == state_of(app, order)


def test_an_order_that_was_never_paid_does_not_wait_for_an_answer(app, owner, order, say, clock):
    clock.pass_time(seconds=61)
    app.ports.payments.expect(DemoOutcome.DECLINE)
    say("find_products", product_query="bananas")
    say("add_to_cart", ordinal="1")
    say("check_out")
    say("give_code", code="4271")
    voided = next(each for each in app.ports.orders.newest(5) if each.state is OrderState.VOIDED)
    words = owner.words(f"/console/orders/{voided.order_id}")
    assert "declined" in words
    assert "not asked yet" not in words
    assert "no answer" not in words


def test_cancelling_twice_gives_the_money_back_once(app, owner, order):
    page = f"/console/orders/{order.order_id}"
    token = owner.token(page)
    for _ in range(2):
        owner.post(f"{page}/cancel", csrf=token)
    entries = [each.kind for each in app.ports.ledger.last_audit(HOME, 50) if each.order_id == order.order_id]
    assert 1 == entries.count("cancelled")
    assert 1 == entries.count("refunded")


def test_a_shipped_order_is_not_cancelled(app, owner, order):
    page = f"/console/orders/{order.order_id}"
    token = owner.token(page)
    owner.post(f"{page}/ship", csrf=token)
    owner.post(f"{page}/cancel", csrf=token)
    assert OrderState.SHIPPED is state_of(app, order)[0]
    assert "it cannot be cancelled any more" in owner.words(page)


def test_a_refund_is_asked_for_only_where_an_order_was_cancelled(app, owner, order):
    page = f"/console/orders/{order.order_id}"
    owner.post(f"{page}/refund", token_from=page)
    assert (OrderState.COMMITTED, "approved") == state_of(app, order)


def test_who_did_it_stands_in_the_trail(app, owner, order):
    page = f"/console/orders/{order.order_id}"
    owner.post(f"{page}/cancel", token_from=page)
    (entry,) = [each for each in app.ports.ledger.last_audit(HOME, 50) if each.kind == "cancelled"]
    assert "owner" == app.ports.sign_ins.account(entry.facts["by"]).name
    assert "Taken back, by owner" in owner.words(page)


@pytest.mark.parametrize("what", ["ship", "cancel", "refund"])
def test_a_parent_changes_no_order_here(app, parent, order, what):
    csrf = parent.token("/household")
    assert "/sign-in" in parent.post(f"/console/orders/{order.order_id}/{what}", csrf=csrf)
    assert (OrderState.COMMITTED, "approved") == state_of(app, order)


@pytest.mark.parametrize("what", ["ship", "cancel", "refund"])
@pytest.mark.parametrize("csrf", ["", "0" * 64])
def test_a_form_without_the_right_token_changes_nothing(app, owner, order, what, csrf):
    path = f"/console/orders/{order.order_id}/{what}"
    assert 403 == owner.client.post(path, data={"csrf": csrf}, headers={"Origin": "http://localhost"}).status_code
    assert (OrderState.COMMITTED, "approved") == state_of(app, order)


def test_another_sites_form_changes_nothing(app, owner, order):
    page = f"/console/orders/{order.order_id}"
    csrf = owner.token(page)
    sent = owner.client.post(f"{page}/cancel", data={"csrf": csrf}, headers={"Origin": "https://evil.example"})
    assert 403 == sent.status_code
    assert OrderState.COMMITTED is state_of(app, order)[0]


def test_an_old_sign_in_is_asked_for_the_passphrase_first(app, owner, order, clock):
    page = f"/console/orders/{order.order_id}"
    csrf = owner.token(page)
    clock.pass_time(minutes=6)
    asked = owner.post(f"{page}/cancel", 403, csrf=csrf)
    assert "passphrase" in asked
    assert OrderState.COMMITTED is state_of(app, order)[0]
    owner.post(f"{page}/cancel", csrf=csrf, proof="seven green kites sing")
    assert OrderState.CANCELLED is state_of(app, order)[0]


def test_older_orders_are_a_page_away(app, owner, order):
    assert app.database is not None
    with app.database._connect() as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(orders)")]
        values = ", ".join("'old-' || ?" if each in ("order_id", "consent_id") else each for each in columns)
        for number in range(20):
            db.execute(f"INSERT INTO orders ({', '.join(columns)}) SELECT {values} FROM orders WHERE order_id = ?",
                       (f"{number:03}", f"{number:03}", order.order_id))  # fmt: skip
    first = owner.get("/console/orders")
    older = re.search(r'href="(/console/orders\?before=[^"]+)"', first)
    assert older
    second = owner.get(older[1])
    assert not set(re.findall(r"/console/orders/([^\"/]+)\"", first)) & set(
        re.findall(r"/console/orders/([^\"/]+)\"", second)
    )
    assert "Older orders" not in second


def test_refusals_are_told_by_reason_and_by_household(app, owner, say):
    owner.post("/console/policy", version="0", order_max="1.00")
    say("find_products", product_query="coffee")
    say("choose_item", ordinal="first")
    say("yes")
    say("check_out")
    words = owner.words("/console/refusals")
    assert "Over the limit for one order 1" in words
    assert HOME in words
    assert "order_max" not in words


def test_the_overview_counts_the_order_at_once(owner, order):
    words = owner.words("/console")
    assert f"${order.total.decimal()}" in words
    assert "From a conversation to an order" in words
    assert order.order_id in words


def test_the_overview_compares_with_the_days_before(order, clock, sign_in_as):
    clock.pass_time(days=30)
    owner = sign_in_as("owner")
    assert "100% less than before" in owner.words("/console?days=30")
    assert f"${order.total.decimal()}" in owner.words("/console?days=90")


def test_charts_have_a_title_a_summary_and_a_table(owner, order):
    page = owner.get("/console")
    charts = page.count("<svg viewBox")
    assert charts >= 5
    assert charts == page.count('role="img"') == page.count("<desc id=") == page.count('<details class="figures">')


def test_what_was_not_found_is_listed_without_who_asked(app, owner, say):
    say("find_products", product_query="Charcoal")
    words = owner.words("/console/asked")
    assert "charcoal 1" in words
    assert HOME not in words


def test_an_empty_store_has_an_overview_too(owner):
    assert "Nothing yet." in owner.words("/console")


def test_an_order_that_the_shop_never_heard_of_is_told_on_the_first_page(app, owner, order):
    assert "has not heard of" not in owner.words("/console")
    (event,) = app.ports.outbox.list(5)
    app.ports.outbox.failed(event.event_id, "HTTP 500", None)
    words = owner.words("/console")
    assert "The shop’s own system has not heard of 1 order or cancellation: its webhook did not take it" in words
    assert "sayso outbox show --state dead" in words


@pytest.fixture
def waiting(app, say):
    """An approval that waits for an adult."""
    for intent, slots in (
        ("find_products", {"product_query": "morning kettle instant coffee"}),
        ("add_to_cart", {"ordinal": "first", "quantity": "4"}),
        ("check_out", {}),
    ):
        said = say(intent, **slots)
    assert "need an adult" in said
    return app.ports.approvals.of_household(HOME, 5)[0]


def test_an_order_that_an_adult_approved_names_who_by_which_means_and_when(app, owner, parent, waiting):
    path = f"/household/approvals/{approval_token(app.ports, waiting.approval_id)}"
    parent.post("/sign-in/again", passphrase=PASSPHRASE)
    parent.post(f"{path}/approve", token_from="/household")
    (order,) = app.ports.orders.newest(5)
    page = f"/console/orders/{order.order_id}"
    assert "Approved by kim, on the household’s pages, Thu 19 Nov, 09:00" in owner.words(page)

    delete_household(app.ports, HOME, "kim")
    assert "Approved by" not in owner.words(page)


def test_an_order_that_was_approved_by_a_command_says_so(app, owner, parent, waiting):
    approve(app.ports, waiting, "operator", app.ports.clock.now_utc())
    (order,) = app.ports.orders.newest(5)
    said = "by the store, with a command, Thu 19 Nov, 09:00"
    assert f"Approved {said}" in owner.words(f"/console/orders/{order.order_id}")
    assert f"approved {said}" in parent.words("/household")
