"""Each story of a parent's, from the page to what the speaker then says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from skill.app import App
from skill.console import access
from skill.errors import StorageError
from skill.guard.policy_file import PolicyChange
from skill.households import assign_profile, change_policy, move_household, set_purchase_code
from skill.ordering.approving import approval_token
from skill.ordering.deciding import limits_for
from skill.ports import ApprovalState
from skill.shop.households import HouseholdId
from skill.simulator import SIMULATED_USER
from skill.simulator.talk import talk_in_process
from skill.web import create_app
from tests.console.conftest import Browser, make_account, read_words

HOME = HouseholdId("hh_demo")
PASSPHRASE = "seven green kites sing"
#: Six pieces of coffee: above what is ordered without an adult.
DEAR = ("find morning kettle instant coffee", "add four of the first one", "check out")
BANANAS = ("find bananas", "add two of the first one", "check out")


@pytest.fixture
def say(app: App, clock: Any) -> Callable[..., str]:
    """`say("find milk", ...)` to a speaker of the demo household, in a session of its own; what it answered last."""

    def talk(*words: str, person: str | None = None, user: str = SIMULATED_USER) -> str:
        clock.pass_time(minutes=2)  # out of reach of the time between two orders
        speaker = talk_in_process(app, "alexa", user, speaker=person)
        heard = speaker.launch().heard.speech
        for each in words:
            heard = speaker.say(each).heard.speech
        return heard

    return talk


@pytest.fixture
def here(parent: Any, app: App, clock: Any) -> Callable[[], Any]:
    """The parent, who has just given the passphrase once more."""

    def fresh() -> Any:
        parent.post("/sign-in/again", passphrase=PASSPHRASE)
        return parent

    return fresh


def form_of(page: str, **changed: str) -> dict[str, str]:
    """The amounts of the limits page as they stand, with some of them changed."""
    whole = {
        match[1]: match[2]
        for match in re.finditer(r'<input id="(\w+)" name="\w+" inputmode="[^>]*? value="([^"]*)"', page)
    }
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    return whole | {"version": version[1], "pin_policy": "always"} | changed


# --- how things stand, and freezing -----------------------------------------------------------------------------------


def test_the_overview_tells_what_was_spent_and_ordered(parent: Any, say: Any) -> None:
    say(*BANANAS, "4271")
    words = parent.words("/household")
    assert "Orders are possible" in words
    assert "Today $5.37 of $100.00" in words
    assert "$5.37 placed 2 × Bananas" in words


def test_the_overview_tells_what_was_bought_without_a_code(sign_in_as: Any, say: Any, app: App, clock: Any) -> None:
    assert "code" not in read_words(sign_in_as("parent", HOME, "kim").get("/household")).partition("Spent")[2]
    set_purchase_code(app.ports, HOME, None, "test")
    no_code = PolicyChange({"pin_policy": "never", "no_pin_confirm": "yes", "unrecognised_speaker": "allow"})
    change_policy(app.ports, "household", HOME, no_code, "test", "")
    say(*BANANAS, "yes")
    words = sign_in_as("parent", HOME, "kim").words
    assert "Without a code, this month $5.37 of $50.00" in words("/household")
    clock.pass_time(days=20)
    words = sign_in_as("parent", HOME, "kim").words
    assert "Without a code, this month $0.00 of $50.00" in words("/household")


def test_the_overview_tells_what_was_bought_since_the_code_was_given(sign_in_as: Any, app: App) -> None:
    change_policy(app.ports, "household", HOME, PolicyChange({"pin_policy": "over", "pin_over": 500}), "test", "")
    words = sign_in_as("parent", HOME, "kim").words("/household")
    assert "Without the code, since it was last given $0.00 of $50.00" in words


def test_everything_is_frozen_with_one_button_and_allowed_again(here: Any, say: Any, app: App) -> None:
    here().post("/household/freeze", token_from="/household", frozen="1")
    assert "ordering is frozen" in say(*BANANAS).lower() or "frozen" in say(*BANANAS).lower()
    here().post("/household/freeze", token_from="/household", frozen="0")
    assert "Done." in say(*BANANAS, "4271")


def test_an_order_is_taken_back_inside_the_window_and_not_after_it(
    here: Any, sign_in_as: Any, say: Any, app: App, clock: Any
) -> None:
    say(*BANANAS, "4271")
    (order,) = app.ports.orders.recent(HOME, 5)
    parent = here()
    parent.post(f"/household/orders/{order.order_id}/undo", token_from="/household")
    assert "the money is returned" in parent.words("/household")
    assert "cancelled" == app.ports.orders.get(order.order_id).state  # type: ignore[union-attr]
    say(*BANANAS, "4271")
    late = app.ports.orders.recent(HOME, 1)[0]
    clock.pass_time(minutes=31)
    parent = sign_in_as("parent", HOME, "kim")
    assert f"/household/orders/{late.order_id}/undo" not in parent.get("/household")
    parent.post(f"/household/orders/{late.order_id}/undo", token_from="/household")
    assert "too late" in parent.words("/household")
    assert "committed" == app.ports.orders.get(late.order_id).state  # type: ignore[union-attr]


def test_another_households_order_is_not_there(sign_in_as: Any, next_door: str, say: Any, app: App) -> None:
    say(*BANANAS, "4271")
    (order,) = app.ports.orders.recent(HOME, 5)
    other = sign_in_as("parent", next_door)
    other.post(f"/household/orders/{order.order_id}/undo", 404, token_from="/household")
    assert "committed" == app.ports.orders.get(order.order_id).state  # type: ignore[union-attr]


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_limit_lowered_on_the_page_is_obeyed_by_the_next_spoken_turn(here: Any, say: Any) -> None:
    assert "four-digit code" in say(*BANANAS)
    parent = here()
    parent.post("/household/limits", **form_of(parent.get("/household/limits"), order_max="3.00"))
    assert "your limit of $3.00" in say(*BANANAS)


def test_what_may_be_bought_without_a_code_is_set_on_the_page(here: Any, app: App) -> None:
    parent = here()
    assert "no_pin_order_max" not in form_of(parent.get("/household/limits")), "with a code it says nothing"
    set_purchase_code(app.ports, HOME, None, "test")
    form = form_of(parent.get("/household/limits"))
    assert ("20.00", "50.00") == (form["no_pin_order_max"], form["no_pin_total_max"])
    parent.post("/household/limits", **form | {"no_pin_order_max": "7.50", "no_pin_total_max": ""})
    knobs = app.ports.policies.layer("household", HOME).knobs
    assert (750, None) == (knobs["no_pin_order_max"], knobs["no_pin_total_max"])
    page = parent.post("/household/limits", 422, **form_of(parent.get("/household/limits"), no_pin_order_max="x"))
    assert 'name="no_pin_order_max" inputmode="decimal"' in page
    assert "Write an amount such as 1200.00, without thousands" in page
    parent.post("/household/limits", **form_of(parent.get("/household/limits")), restore="1")
    assert "no_pin_order_max" not in app.ports.policies.layer("household", HOME).knobs


def test_an_empty_amount_lifts_the_limit_and_the_defaults_come_back(here: Any, app: App) -> None:
    parent = here()
    parent.post("/household/limits", **form_of(parent.get("/household/limits"), week_max="", day_max="12,5"))
    knobs = app.ports.policies.layer("household", HOME).knobs
    assert (None, 1250) == (knobs["week_max"], knobs["day_max"])
    assert "order_max" not in knobs  # what was not touched keeps following the default
    parent.post("/household/limits", **form_of(parent.get("/household/limits")), restore="1")
    assert {"day_max", "week_max"}.isdisjoint(app.ports.policies.layer("household", HOME).knobs)


@pytest.mark.parametrize("typed", ["-1", "abc", "1e9", "999999999999999", "nan", "1.234", "٣", "1,200", "1.200"])
def test_what_is_no_amount_is_refused_beside_its_field_and_nothing_is_saved(parent: Any, app: App, typed: str) -> None:
    before = app.ports.policies.layer("household", HOME)
    page = parent.post(
        "/household/limits", 422, **form_of(parent.get("/household/limits"), order_max=typed, day_max="1")
    )
    assert "Write an amount such as 1200.00, without thousands" in page
    assert before == app.ports.policies.layer("household", HOME)


@pytest.mark.parametrize(
    ("locale", "shown", "typed"),
    [
        ("en-US", "50.00", {"12,50": 1250, "12.50": 1250, "$12.5": 1250, "1,200.00": 120_000, "1.200,00": 120_000}),
        ("it-IT", "50,00", {"12,50": 1250, "12.50": 1250, "12,50 €": 1250, "1.200,00": 120_000, "1 200": 120_000}),
        ("el-GR", "50,00", {"12,50": 1250, "1.200,00": 120_000}),
        ("hr-HR", "50,00", {"12,50": 1250, "1.200,00": 120_000}),
        ("kk-KZ", "50,00", {"12,50": 1250, "1\u00a0200,00": 120_000}),
    ],
)
def test_an_amount_is_taken_as_people_of_the_language_write_it(
    app: App, locale: str, shown: str, typed: dict[str, int]
) -> None:
    """A field of type=number drops the comma of 12,50 where the browser speaks English, and sends 1250."""
    app = replace(app, settings=replace(app.settings, locale=locale))
    if locale != "en-US":
        app = replace(app, ports=replace(app.ports, store=replace(app.ports.store, currency="EUR")))
    parent = Browser(create_app(app))
    account = make_account(app, "parent", HOME, "kim")
    parent.client.set_cookie("sayso", access.open_session(app.ports, account, ""))
    assert shown == form_of(parent.get("/household/limits"))["order_max"]
    assert 'type="number"' not in parent.get("/household/limits") + parent.get("/household/people")
    for text, minor in typed.items():
        parent.post("/household/limits", **form_of(parent.get("/household/limits"), order_max=text))
        assert minor == app.ports.policies.layer("household", HOME).knobs["order_max"], text
    for text in ("1.200", "1,200"):
        page = parent.post("/household/limits", 422, **form_of(parent.get("/household/limits"), order_max=text))
        assert f"such as 1200{shown[2:]}, without thousands" in page


def test_limits_that_somebody_else_changed_meanwhile_are_not_overwritten(here: Any, app: App) -> None:
    parent = here()
    form = form_of(parent.get("/household/limits"), order_max="70.00")
    change_policy(app.ports, "household", HOME, PolicyChange({"order_max": 1000}), "voice", "")
    assert "Somebody else changed" in parent.post("/household/limits", 409, **form)
    assert 1000 == app.ports.policies.layer("household", HOME).knobs["order_max"]


def test_every_change_is_in_the_audit_trail_with_who_made_it(here: Any, app: App) -> None:
    parent = here()
    parent.post("/household/limits", **form_of(parent.get("/household/limits"), order_max="20"))
    (entry,) = app.ports.ledger.last_audit(HOME, 1)
    account = app.ports.sign_ins.account_of("local:kim")
    assert account is not None
    assert ("policy_changed", account.account_id, {"order_max": [5000, 2000]}) == (
        entry.kind, entry.facts["who"], entry.facts["changed"],
    )  # fmt: skip


def test_what_would_have_happened_last_month_is_told_before_anything_is_saved(parent: Any, say: Any, app: App) -> None:
    say(*BANANAS, "4271")
    form = form_of(parent.get("/household/limits"), order_max="3.00")
    before = app.ports.policies.layer("household", HOME)
    told = parent.client.get("/household/limits/preview", query_string=form).get_data(as_text=True)
    assert "1 of 1 order would have gone differently" in " ".join(re.sub(r"<[^>]+>", " ", told).split())
    assert "asked for the code → refused: limit of one order" in told
    page = parent.client.get("/household/limits", query_string=form).get_data(as_text=True)  # without a script
    assert "You are trying these values out" in page
    assert "refused: limit of one order" in page
    assert before == app.ports.policies.layer("household", HOME)


def test_what_is_older_than_a_month_is_left_out_of_the_comparison(sign_in_as: Any, say: Any, clock: Any) -> None:
    say(*BANANAS, "4271")

    def told() -> str:
        parent = sign_in_as("parent", HOME, "kim")
        form = form_of(parent.get("/household/limits"))
        return str(parent.client.get("/household/limits/preview", query_string=form).get_data(as_text=True))

    assert "With these limits each would have gone as it did" in told()
    clock.pass_time(days=31)
    assert "Nothing was asked for in the last 30 days" in told()


def test_the_code_may_be_asked_for_above_an_amount_only(here: Any, app: App) -> None:
    parent = here()
    form = form_of(parent.get("/household/limits"), pin_policy="over", pin_over="")
    assert "From which amount on" in parent.post("/household/limits", 422, **form)
    parent.post("/household/limits", **form | {"pin_over": "15.00"})
    knobs = app.ports.policies.layer("household", HOME).knobs
    assert ("over", 1500) == (knobs["pin_policy"], knobs["pin_over"])


def test_quiet_hours_are_kept_by_the_speaker(here: Any, say: Any, app: App) -> None:
    parent = here()
    version = form_of(parent.get("/household/limits"))["version"]
    hours = {"from0": "08:00", "to0": "12:00", "from1": "22:00", "to1": "06:30"}
    parent.post("/household/limits/hours", token_from="/household/limits", version=version, **hours)
    assert ((480, 720), (1320, 390)) == app.ports.policies.layer("household", HOME).knobs["quiet_hours"]
    assert "quiet" in say(*BANANAS).lower()
    assert "It is quiet time Nothing can be ordered before the quiet hours end." in parent.words("/household")
    page = parent.get("/household/limits")
    assert 'name="from1" value="22:00"' in page
    version = form_of(page)["version"]
    parent.post("/household/limits/hours", 422, token_from="/household/limits", version=version, from0="08:00")
    parent.post(
        "/household/limits/hours", 422, token_from="/household/limits", version=version, from0="07:00", to0="07:00"
    )
    parent.post(
        "/household/limits/hours", 422, token_from="/household/limits", version=version, from0="25:00", to0="26:00"
    )
    parent.post("/household/limits/hours", token_from="/household/limits", version=version)  # nothing sent
    assert ((480, 720), (1320, 390)) == app.ports.policies.layer("household", HOME).knobs["quiet_hours"]
    parent.post("/household/limits/hours", token_from="/household/limits", version=version, **dict.fromkeys(hours, ""))
    assert app.ports.policies.layer("household", HOME).knobs["quiet_hours"] in (None, ())
    assert "four-digit code" in say(*BANANAS)
    assert "Orders are possible" in parent.words("/household")


def test_quiet_hours_beyond_three_are_shown_and_kept(here: Any, app: App) -> None:
    four = ((0, 60), (120, 180), (240, 300), (1320, 390))
    change_policy(app.ports, "household", HOME, PolicyChange({"quiet_hours": four}), "test", "")
    parent = here()
    page = parent.get("/household/limits")
    assert 'name="from3" value="22:00"' in page
    hours = {"from0": "00:30", "to0": "01:00"}
    version = form_of(page)["version"]
    parent.post("/household/limits/hours", token_from="/household/limits", version=version, **hours)
    assert ((30, 60), *four[1:]) == app.ports.policies.layer("household", HOME).knobs["quiet_hours"]


def test_a_form_without_its_fields_lifts_no_limit(here: Any, app: App) -> None:
    parent = here()
    before = app.ports.policies.layer("household", HOME)
    version = form_of(parent.get("/household/limits"))["version"]
    parent.post("/household/limits", token_from="/household/limits", version=version)
    assert before == app.ports.policies.layer("household", HOME)
    parent.post("/household/limits", token_from="/household/limits", version=version, day_max="")
    after = app.ports.policies.layer("household", HOME)
    assert {**before.knobs, "day_max": None} == after.knobs
    parent.post("/household/people/profile/child", token_from="/household/people", order_max="2.50")
    parent.post("/household/people/profile/child", token_from="/household/people", day_max="5.00")
    assert {"order_max": 250, "day_max": 500} == app.ports.policies.layer("profile", f"{HOME}/child").knobs


def set_categories(parent: Any, status: int = 303, **fields: Any) -> str:
    version = form_of(parent.get("/household/limits"))["version"]
    return parent.post(
        "/household/limits/categories", status, token_from="/household/limits", version=version, **fields
    )


def test_a_category_that_is_ticked_is_not_sold_and_those_for_adults_stay_denied(here: Any, say: Any, app: App) -> None:
    parent = here()
    say(*BANANAS)
    category = app.ports.ledger.last_audit(HOME, 1)[0].facts["quote"]["lines"][0][5][0]
    knobs = lambda: app.ports.policies.layer("household", HOME).knobs  # noqa: E731
    denied = lambda: limits_for(app.ports, app.ports.households.get(HOME), None).policy.categories_denied  # type: ignore[union-attr] # noqa: E731
    restricted = app.ports.store.age_restricted_categories

    set_categories(parent, adults="denied", mode="except", denied=[category])
    assert {category} == knobs()["categories_denied"]
    assert restricted | {category} == denied()
    assert "four-digit code" not in say(*BANANAS)

    set_categories(parent, adults="denied", mode="only", only=[category])
    assert {category} == knobs()["categories_allowed"]
    assert restricted == denied()
    assert "four-digit code" in say(*BANANAS)
    parent = here()
    set_categories(parent, 422, mode="only")

    set_categories(parent, adults="denied", mode="except")
    assert (restricted, None) == (denied(), knobs()["categories_allowed"])


def test_what_is_for_adults_is_lifted_by_its_own_question_alone(here: Any, app: App) -> None:
    parent = here()
    knobs = lambda: app.ports.policies.layer("household", HOME).knobs  # noqa: E731
    set_categories(parent, adults="allowed", mode="except", denied=["Produce"])
    assert {"none", "Produce"} == knobs()["categories_denied"]
    page = parent.get("/household/limits")
    assert 'name="adults" value="allowed" checked' in page
    assert 'name="denied" value="Produce" checked' in page
    set_categories(parent, mode="except")  # not asked, so not answered
    assert None is knobs()["categories_denied"]
    set_categories(parent, adults="allowed", mode="only", only=["Produce"])
    assert app.ports.store.age_restricted_categories | {"Produce"} == knobs()["categories_allowed"]
    set_categories(parent, adults="denied", mode="only", only=["Produce"])
    assert {"Produce"} == knobs()["categories_allowed"]
    assert "categories_denied" not in knobs()


def test_a_form_without_its_fields_changes_no_category(here: Any, app: App) -> None:
    parent = here()
    set_categories(parent, mode="only", only=["Produce"])
    before = app.ports.policies.layer("household", HOME)
    set_categories(parent, 422)
    set_categories(parent, 422, mode="whatever")
    set_categories(parent, 422, mode="except", adults="perhaps")
    assert before == app.ports.policies.layer("household", HOME)


# --- approvals --------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(app: App, say: Any) -> str:
    """Of an order that waits for an adult."""
    assert "need an adult" in say(*DEAR)
    (approval,) = app.ports.approvals.of_household(HOME, 5)
    return approval_token(app.ports, approval.approval_id)


def approval_of(app: App) -> Any:
    return app.ports.approvals.of_household(HOME, 5)[0]


def send(browser: Any, token: str, what: str, status: int = 303, token_from: str = "/household") -> str:
    return browser.post(f"/household/approvals/{token}/{what}", status, token_from=token_from)


def test_the_page_shows_exactly_what_will_be_charged_and_the_speaker_hears_of_it(
    here: Any, say: Any, app: App, token: str
) -> None:
    parent = here()
    words = parent.words(f"/household/approvals/{token}")
    for shown in (
        "4 × Morning Kettle Instant Coffee",
        "8 oz",
        "$7.29 $29.16",
        "Delivery $3.99",
        "Tax $0.00",
        "Total $33.15",
    ):
        assert shown in words
    assert "12 Orchard Lane, Springfield" in words
    assert "Approvals 1 waiting" in words
    send(parent, token, "approve")
    assert "Ordered. The receipt is on its way." in parent.words("/household/approvals")
    (order,) = app.ports.orders.recent(HOME, 5)
    assert (3315, "committed") == (order.total.amount, order.state)
    account = app.ports.sign_ins.account_of("local:kim")
    assert account is not None
    assert account.account_id == approval_of(app).decided_by
    assert "approved" in say().lower()
    by = "by you, on the household’s pages, Thu 19 Nov, 09:02"
    assert f"approved {by}" in parent.words("/household")
    assert f"Approved {by}." in parent.words(f"/household/approvals/{token}")
    assert f"decided {by}" in parent.words("/household/approvals")


def test_a_refused_order_is_not_made(here: Any, app: App, token: str) -> None:
    parent = here()
    send(parent, token, "refuse")
    assert "Refused by you, on the household’s pages" in parent.words(f"/household/approvals/{token}")
    assert (ApprovalState.REFUSED, 0) == (approval_of(app).state, len(app.ports.orders.recent(HOME, 5)))


def test_a_link_is_good_for_one_order(here: Any, app: App, token: str) -> None:
    parent = here()
    send(parent, token, "approve")
    parent.words("/household/approvals")
    send(parent, token, "approve")
    assert "It was approved before." in parent.words("/household/approvals")
    send(parent, token, "refuse")
    assert "It was approved before." in parent.words("/household/approvals")
    assert 1 == len(app.ports.orders.recent(HOME, 5))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),
        lambda t: t.partition(".")[0],
        lambda t: f"ap_x.{t[-32:]}",
        lambda t: t + "0",
    ],
)
def test_a_forged_link_shows_and_does_nothing(here: Any, app: App, token: str, change: Callable[[str], str]) -> None:
    parent = here()
    parent.get(f"/household/approvals/{change(token)}", 404)
    send(parent, change(token), "approve", 404)
    assert ApprovalState.OPEN is approval_of(app).state


def test_another_households_link_shows_and_does_nothing(sign_in_as: Any, next_door: str, app: App, token: str) -> None:
    other = sign_in_as("parent", next_door)
    other.get(f"/household/approvals/{token}", 404)
    send(other, token, "approve", 404)
    send(other, token, "refuse", 404)
    assert ApprovalState.OPEN is approval_of(app).state


def test_a_link_without_a_sign_in_leads_to_the_sign_in_and_back(
    browser: Any, parent: Any, app: App, token: str
) -> None:
    browser.get(f"/household/approvals/{token}", 303)
    assert f"/sign-in?next=/household/approvals/{token}" == browser.last.headers["Location"]
    went = browser.post("/sign-in", name="kim", passphrase=PASSPHRASE, next=f"/household/approvals/{token}")
    assert f"/household/approvals/{token}" == went


def test_a_child_on_the_parents_phone_cannot_approve(parent: Any, app: App, token: str, clock: Any) -> None:
    clock.pass_time(minutes=5)
    assert "Is it you?" in send(parent, token, "approve", 403)
    assert "will be asked for your passphrase" in parent.words(f"/household/approvals/{token}")
    assert ApprovalState.OPEN is approval_of(app).state
    parent.post(f"/household/approvals/{token}/approve", token_from="/household", proof=PASSPHRASE)
    assert ApprovalState.APPROVED is approval_of(app).state


def test_a_limit_that_stands_in_the_way_is_told_and_the_order_stays_open(here: Any, app: App, token: str) -> None:
    change_policy(app.ports, "household", HOME, PolicyChange({"order_max": 2000}), "test", "")
    page = send(here(), token, "approve", 409)
    assert "over $20.00 for one order" in page
    assert "waits for an adult" not in page
    assert "the code is asked for" not in page
    assert ApprovalState.OPEN is approval_of(app).state


def test_an_approval_lapses_after_a_day(sign_in_as: Any, app: App, token: str, clock: Any) -> None:
    clock.pass_time(hours=24)
    parent = sign_in_as("parent", HOME, "kim")
    assert "Nothing waits for you." in parent.words("/household/approvals")
    assert "Approve and pay" not in parent.words(f"/household/approvals/{token}")
    send(parent, token, "approve")
    assert "Nobody decided in time" in parent.words("/household/approvals")
    assert (ApprovalState.LAPSED, 0) == (approval_of(app).state, len(app.ports.orders.recent(HOME, 5)))


def test_a_price_that_changed_meanwhile_orders_nothing(here: Any, app: App, token: str) -> None:
    from dataclasses import replace

    from skill.shop.money import Money

    quote = approval_of(app).quote
    products = app.ports.catalogue.products([line.sku for line in quote.lines])
    app.ports.inventory.restock([replace(each, price=Money(599, "USD")) for each in products.values()])
    parent = here()
    send(parent, token, "approve")
    assert "A price, the stock or the address has changed" in parent.words("/household/approvals")
    assert 0 == len(app.ports.orders.recent(HOME, 5))


def test_hours_and_categories_that_are_refused_stay_as_they_were_filled_in(here: Any, app: App) -> None:
    parent, page = here(), "/household/limits"
    sent = {"from0": "21:30", "to0": "", "from1": "12:00", "to1": "13:00"}
    told = parent.post(f"{page}/hours", 422, token_from=page, **sent)
    for name, value in sent.items():
        assert f'name="{name}" value="{value}"' in told
    first, second = app.ports.catalogue.categories()[:2]
    told = parent.post(f"{page}/categories", 422, token_from=page, mode="only", denied=first, adults="allowed")
    assert "Tick at least one category" in told
    assert f'name="denied" value="{first}" checked' in told
    assert f'name="denied" value="{second}" checked' not in told
    assert 'name="mode" value="only" checked' in told
    assert 'name="adults" value="allowed" checked' in told
    assert {} == {
        name: value for name, value in app.ports.policies.layer("household", HOME).knobs.items() if "categ" in name
    }


# --- people -----------------------------------------------------------------------------------------------------------


def test_a_childs_voice_has_the_childs_limits(here: Any, say: Any, app: App) -> None:
    say(*BANANAS, person="kim")
    parent = here()
    assert "Voice 1 last asked for Bananas" in parent.words("/household/people")
    key = re.search(r'name="voice" value="([^"]+)"', parent.get("/household/people"))
    assert key
    parent.post("/household/people/voice", token_from="/household/people", voice=key[1], profile="child")
    assert "has no limits of its own yet" in parent.words("/household/people")
    parent.post(
        "/household/people/profile/child",
        token_from="/household/people",
        order_max="2.50",
        day_max="",
        adult_approval_over="",
    )
    assert "your limit of $2.50" in say(*BANANAS, person="kim")
    assert "four-digit code" in say(*BANANAS)
    parent = here()
    parent.post("/household/people/voice", token_from="/household/people", voice=key[1], profile="none")
    assert "your own voice code" in say(*BANANAS, person="kim")


@pytest.mark.parametrize(
    ("form", "first", "second"),
    [
        ("profile/child", {"order_max": "5.00", "day_max": ""}, {"order_max": "", "day_max": "10.00"}),
        ("unrecognised", {"unrecognised_speaker": "refuse"}, {"unrecognised_speaker": "allow"}),
        ("voice", {"profile": "child"}, {"profile": "none"}),
    ],
)
def test_a_form_that_was_shown_before_another_change_changes_nothing(
    here: Any, say: Any, app: App, form: str, first: dict[str, str], second: dict[str, str]
) -> None:
    """One parent's limit must not go because another parent's page was open."""
    say(*BANANAS, person="kim")
    page, one, other = "/household/people", here(), here()
    key = re.search(r'name="voice" value="([^"]+)"', one.get(page))
    assert key
    shown = other.version(page, f"{page}/{form}") | {"voice": key[1]}
    one.post(f"{page}/{form}", token_from=page, voice=key[1], **first)
    subjects = (("household", str(HOME)), ("profile", f"{HOME}/child"), ("person", f"{HOME}/{key[1]}"))
    saved = [app.ports.policies.layer(*each) for each in subjects]
    assert "Changed meanwhile" in other.post(f"{page}/{form}", 409, token_from=page, **shown, **second)
    assert saved == [app.ports.policies.layer(*each) for each in subjects]


def test_a_profile_of_the_households_own_is_shown_and_stays(here: Any, say: Any, app: App) -> None:
    """The select without it showed "Adult", and Save took the voice out of the stricter profile."""
    change_policy(app.ports, "profile", f"{HOME}/grandma", PolicyChange({"order_max": 100}), "test", "")
    assign_profile(app.ports, HOME, "bob", "grandma", "test")
    assert "your limit of $1.00" in say(*BANANAS, person="bob")
    parent, page = here(), "/household/people"
    form = parent.get(page).partition(f'action="{page}/voice"')[2].partition("</form>")[0]
    assert ["grandma"] == re.findall(r'<option value="([^"]+)" selected', form)
    voice = re.search(r'name="voice" value="([^"]+)"', form)
    assert voice
    parent.post(f"{page}/voice", token_from=page, voice=voice[1], profile="grandma")
    assert "your limit of $1.00" in say(*BANANAS, person="bob")


def test_only_voices_that_were_heard_get_a_profile(here: Any) -> None:
    parent = here()
    parent.post("/household/people/voice", 404, token_from="/household/people", voice="somebody-else", profile="child")
    parent.post("/household/people/profile/pirate", 404, token_from="/household/people", order_max="1")


def test_a_wrong_amount_of_a_profile_is_refused(here: Any, app: App) -> None:
    page = here().post("/household/people/profile/child", 422, token_from="/household/people", order_max="five")
    assert "Nothing was saved" in page
    assert {} == dict(app.ports.policies.layer("profile", f"{HOME}/child").knobs)


def test_voices_that_are_not_recognised_can_be_refused(here: Any, say: Any) -> None:
    here().post("/household/people/unrecognised", token_from="/household/people", unrecognised_speaker="refuse")
    assert "four-digit code" not in say(*BANANAS)
    assert "your own voice code" in say(*BANANAS, person="kim")


# --- history ----------------------------------------------------------------------------------------------------------


def test_history_tells_every_refusal_and_why_in_plain_words(here: Any, say: Any, app: App) -> None:
    change_policy(app.ports, "household", HOME, PolicyChange({"order_max": 300}), "voice", "")
    say(*BANANAS)
    words = here().words("/household/history?only=refusals")
    assert "Refused: an order of $5.37 2 × Bananas, per lb over $3.00 for one order" in words
    assert "limits were changed" not in words.lower()
    everything = here().words("/household/history")
    assert "Limits were changed by voice limit of one order: $50.00 → $3.00" in everything


def test_history_goes_back_page_by_page_to_its_beginning(here: Any, app: App) -> None:
    for _ in range(60):
        set_purchase_code(app.ports, HOME, "8350", "operator")
    parent = here()
    path, seen = "/household/history", 0
    for _ in range(5):
        page = parent.get(path)
        seen += page.count('class="event ')
        older = re.search(r'href="(/household/history\?before=\d+)">Older', page)
        if older is None:
            break
        path = older[1]
    newest = app.ports.ledger.last_audit(HOME, 1)[0].number
    assert newest == seen


@pytest.mark.parametrize("before", ["-1", "x", "99999999999999", "0", "1", "<script>"])
def test_an_odd_address_of_history_is_answered(parent: Any, before: str) -> None:
    parent.get(f"/household/history?before={before}")


def test_markup_in_a_products_name_is_shown_and_not_run(here: Any, say: Any, app: App) -> None:
    from dataclasses import replace

    say(*DEAR)
    approval = approval_of(app)
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    line = replace(approval.quote.lines[0], title=nasty, size=nasty)
    forged = replace(approval, approval_id="ap_nasty", quote=replace(approval.quote, lines=(line,), address=nasty))
    from skill.ports import AuditDraft

    facts = {"quote": {"currency": "USD", "lines": [["s", nasty, nasty, 1, 100, [], 0]]}, "total_minor": 100, "decision": "Refuse",
             "reasons": [["category_denied", {"title": nasty}]]}  # fmt: skip
    draft = AuditDraft(HOME, "decided", app.ports.clock.now_utc(), None, facts, {"person": nasty})
    app.ports.approvals.ask(forged, None, draft)
    parent = here()
    token = approval_token(app.ports, "ap_nasty")
    for path in (
        f"/household/approvals/{token}",
        "/household/approvals",
        "/household",
        "/household/history",
        "/household/people",
    ):
        page = parent.get(path)
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path
        assert "<img" not in page, path


# --- settings ---------------------------------------------------------------------------------------------------------


def test_a_speaker_is_paired_with_the_code_that_it_reads_out(here: Any, say: Any, app: App) -> None:
    code = app.ports.pairings.begin("alexa", "new-speaker", app.ports.clock.now_utc())
    parent = here()
    spoken = " ".join(code.lower())
    parent.post("/household/settings/pair", token_from="/household/settings", letters=spoken)
    assert "Paired: this Amazon Alexa speaker" in parent.words("/household/settings")
    assert "four-digit code" in say(*BANANAS, user="new-speaker")


def test_guesses_at_a_pairing_code_end_after_ten(here: Any) -> None:
    parent = here()
    told = [
        parent.post("/household/settings/pair", 422, token_from="/household/settings", letters="BFHKLM")
        for _ in range(11)
    ]
    assert "unknown" in told[0]
    assert "too many wrong pairing codes" in told[10]


def test_the_purchase_code_is_changed_by_typing_it_twice(here: Any, say: Any, app: App) -> None:
    parent = here()
    change = {"token_from": "/household/settings"}
    assert "not the same" in parent.post("/household/settings/code", 422, **change, code="8350", again="8351")
    assert "Done." in say(*BANANAS, "4271")
    parent = here()
    parent.post("/household/settings/code", **change, code="8350", again="8350")
    assert "Done." not in say(*BANANAS, "4271")
    assert "Done." in say(*BANANAS, "8350")


@pytest.mark.parametrize(
    ("code", "why"),
    [("1234", "too easy to guess"), ("0000", "too easy"), ("12", "four_digits"), ("abcd", "exactly 4 digits")],
)
def test_a_guessable_code_is_refused_with_the_reason_and_never_repeated(here: Any, code: str, why: str) -> None:
    page = here().post("/household/settings/code", 422, token_from="/household/settings", code=code, again=code)
    assert why.replace("four_digits", "exactly 4 digits") in page
    assert f'value="{code}"' not in page


def test_a_code_with_an_old_sign_in_is_not_carried_through_the_page(parent: Any, clock: Any, app: App) -> None:
    clock.pass_time(minutes=6)
    went = parent.post("/household/settings/code", token_from="/household/settings", code="8350", again="8350")
    assert went.startswith("/sign-in/again?next=")
    assert "8350" not in parent.get("/sign-in/again")


def test_a_locked_code_is_unlocked_by_a_new_one(here: Any, say: Any) -> None:
    for _ in range(3):
        say(*BANANAS, "0917")
    assert "Orders are locked" in here().words("/household")
    parent = here()
    parent.post("/household/settings/code", token_from="/household/settings", code="8350", again="8350")
    assert "Orders are possible" in parent.words("/household")
    assert "Done." in say(*BANANAS, "8350")


def test_moving_takes_effect_a_day_later(here: Any, app: App) -> None:
    parent = here()
    parent.post("/household/settings/time-zone", token_from="/household/settings", time_zone="Europe/Paris")
    assert "counted in the new zone from Fri 20 Nov, 09:00" in parent.words("/household/settings")
    assert "Europe/Paris" == app.ports.households.get(HOME).time_zone
    parent.post("/household/settings/time-zone", 422, token_from="/household/settings", time_zone="Mars/Olympus")


def test_the_households_data_are_downloaded_whole(here: Any, say: Any, app: App) -> None:
    say(*BANANAS, "4271")
    change_policy(app.ports, "person", f"{HOME}/never-spoke", PolicyChange({"order_max": 500}), "operator", "")
    parent = here()
    text = parent.post("/household/settings/data.json", 200, token_from="/household/settings")
    told = json.loads(text)
    assert "attachment" in parent.last.headers["Content-Disposition"]
    assert "12 Orchard Lane, Springfield" == told["household"]["address"]
    assert ["5.37 USD"] == [each["total"] for each in told["orders"]]
    assert {"order_max": 500} == told["limits"][f"person {HOME}/never-spoke"]
    assert [4] == [len(told["speakers"])]
    assert told["history"][-1]["kind"] == "data_downloaded"
    assert "4271" not in text
    assert any(each["personal"] for each in told["history"])


def test_a_household_is_deleted_only_after_its_name_was_typed(here: Any, say: Any, app: App) -> None:
    say(*BANANAS, "4271")
    parent = here()
    assert "Nothing was deleted" in parent.post(
        "/household/settings/delete", 422, token_from="/household/settings", confirmation="yes"
    )
    assert "/sign-in" == parent.post(
        "/household/settings/delete", token_from="/household/settings", confirmation=" demo  household "
    )
    assert "is forgotten" in parent.words("/sign-in")
    parent.get("/household", 303)
    assert ("", "", ()) == (
        app.ports.households.get(HOME).name, app.ports.households.get(HOME).address, tuple(app.ports.households.linked(HOME)),
    )  # fmt: skip
    assert all(each.personal is None or not each.personal for each in app.ports.ledger.last_audit(HOME, 50))


def test_a_deletion_that_failed_half_way_can_be_asked_for_again(
    here: Any, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(household_id: str) -> None:
        raise StorageError("the disk is full")

    parent = here()
    with monkeypatch.context() as failing:
        failing.setattr(app.ports.notifier, "forget", fail)
        parent.post("/household/settings/delete", 503, token_from="/household/settings", confirmation="Demo household")
    assert app.ports.sign_ins.account_of("local:kim")

    assert "/sign-in" == parent.post("/household/settings/delete", token_from="/household/settings", confirmation="")
    assert None is app.ports.sign_ins.account_of("local:kim")


def test_another_adult_is_let_in_with_a_link_and_shut_out_again(here: Any, browser: Any, app: App) -> None:
    parent = here()
    page = parent.post("/household/settings/adult", 200, token_from="/household/settings")
    link = re.search(r"http://localhost(/welcome/[\w-]{43})<", page)
    assert link
    assert link[1] not in parent.get("/household/settings")  # shown once
    browser.post(link[1], name="Sam", passphrase="three other words here", again="three other words here")
    browser.get("/household")
    sam = app.ports.sign_ins.account_of("local:sam")
    assert sam is not None
    parent.post("/household/settings/shut-out", token_from="/household/settings", account=sam.account_id)
    assert "Sam cannot sign in any more." in parent.words("/household/settings")
    browser.get("/household", 303)
    assert "Somebody was shut out of these pages by you" in parent.words("/household/history")


def test_nobody_shuts_out_themselves_or_somebody_of_another_household(
    here: Any, sign_in_as: Any, next_door: str, app: App
) -> None:
    sign_in_as("parent", next_door, "nina")
    for name in ("kim", "nina"):
        account = app.ports.sign_ins.account_of(f"local:{name}")
        assert account is not None
        here().post("/household/settings/shut-out", 404, token_from="/household/settings", account=account.account_id)
        assert account == app.ports.sign_ins.account(account.account_id)


@pytest.mark.parametrize("path", ["/household/nothing", "/household/limits/nothing/more", "/household/orders/x"])
def test_a_page_that_is_not_there_is_told_as_a_page(parent: Any, path: str) -> None:
    assert "There is no such page" in parent.words(path, 404)


# --- the code, and going without ---------------------------------------------------------------------------------------


def test_a_parent_can_go_without_a_code_and_is_offered_what_then_does_something(here: Any, say: Any, app: App) -> None:
    """With a code set every platform asks for it each time: a choice of "never" would promise what does not happen."""
    parent = here()
    limits = parent.get("/household/limits")
    assert "It is set, and is asked for before every order." in limits
    assert 'name="pin_policy"' not in limits
    assert "four-digit code" in say(*BANANAS)

    parent.post("/household/settings/code/remove", token_from="/household/settings")
    assert "Nothing can be ordered until you set another" in parent.words("/household/settings")
    assert not app.ports.households.get(HOME).code_set
    limits = parent.get("/household/limits")
    assert ["always", "never"] == re.findall(r'name="pin_policy" value="(\w+)"', limits)
    assert "Remove the code" not in parent.words("/household/settings")
    parent.post("/household/limits", token_from="/household/limits", pin_policy="never")
    assert "Anybody in the room can order" in parent.words("/household/settings")
    assert "Orders are possible" in parent.words("/household")
    heard = say(*BANANAS)
    assert "four-digit code" not in heard
    assert "say the word order" in heard


# --- what the store has set ---------------------------------------------------------------------------------------------


def set_store(app: App, **knobs: Any) -> None:
    change_policy(app.ports, "store", app.ports.store.store_id, PolicyChange(knobs), "owner", "")


def test_what_the_store_has_frozen_is_not_promised_to_be_allowed_here(here: Any, say: Any, app: App) -> None:
    set_store(app, frozen=True)
    parent = here()
    words = parent.words("/household")
    assert "The store has frozen all orders No speaker can order anything until the store allows it again." in words
    assert "Freeze everything" in words
    assert "Allow orders again" not in words
    parent.post("/household/freeze", token_from="/household", frozen="1")
    words = parent.words("/household")
    assert "until you allow it again here, and the store too" in words
    parent.post("/household/freeze", token_from="/household", frozen="0")
    assert "but the store has frozen all orders" in parent.words("/household")
    assert "The store takes no orders at the moment" in say(*BANANAS)


def test_the_stores_own_limits_stand_beside_the_households(here: Any, app: App) -> None:
    parent = here()
    assert "The store’s own" not in parent.words("/household/limits")
    set_store(
        app,
        quiet_hours=((600, 1080),),
        orders_per_day_max=2,
        categories_denied=frozenset({"Candy"}),
        categories_allowed=frozenset({"Dairy"}),
        pin_policy="always",
        order_max=4000,
    )
    words = parent.words("/household/limits")
    for told in (
        "An order that was taken back still counts. The store’s own: 2.",
        "A span may run over midnight. The store’s own: 10:00-18:00.",
        "The store itself sells none of: Candy. The store itself sells only: Dairy.",
        "The store’s own limit is $40.00.",
    ):
        assert told in words
    set_purchase_code(app.ports, HOME, None, "test")
    assert "The store itself asks for a purchase code" in parent.words("/household/limits")


def test_moving_to_where_one_is_does_not_stand_in_the_way_of_a_real_move(here: Any, app: App, clock: Any) -> None:
    page, zone = "/household/settings", "/household/settings/time-zone"
    before = app.ports.households.get(HOME)
    parent = here()
    parent.post(zone, token_from=page, time_zone=before.time_zone)
    assert "Nothing was different." in parent.words(page)
    assert before == app.ports.households.get(HOME)
    here().post(zone, token_from=page, time_zone="Asia/Tokyo")
    clock.pass_time(minutes=1)
    pending = app.ports.households.get(HOME)
    here().post(zone, token_from=page, time_zone="Asia/Tokyo")
    assert pending == app.ports.households.get(HOME), "the same again puts nothing off"
    parent = here()
    parent.post(zone, token_from=page, time_zone=before.time_zone)
    assert "Your days go on being counted in the zone that you are in." in parent.words(page)
    assert before == app.ports.households.get(HOME)
    clock.pass_time(days=2)
    assert clock.now_utc() < move_household(app.ports, HOME, "Europe/Rome", "test")
    assert "Europe/Rome" == app.ports.households.get(HOME).time_zone


def test_zones_that_are_no_places_are_not_offered(parent: Any) -> None:
    page = parent.get("/household/settings")
    assert "<option>Europe/Rome</option>" in page
    assert "localtime" not in page
    assert "Factory" not in page


def test_a_fifth_digit_is_not_cut_off(parent: Any) -> None:
    """A field that takes four only would set 4829 where 48295 was typed, which nobody sees."""
    page = parent.get("/household/settings")
    assert not re.search(r'name="(code|again)"[^>]*maxlength="4"', page)
    told = parent.post("/household/settings/code", 422, token_from="/household/settings", code="48295", again="48295")
    assert "exactly 4 digits" in told
