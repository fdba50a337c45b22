"""The store's own limits: set on the page, obeyed at the next word, and written down with who and why."""

from __future__ import annotations

import pytest

from skill.guard.policy import KNOBS
from skill.guard.policy_file import PolicyChange
from skill.households import change_policy
from skill.shop.households import store_chain
from skill.turn import Kind, Turn


def say(app, number: int, intent: str, **slots: str) -> str:
    turn = Turn(
        platform="alexa", store=app.ports.store.store_id, user="simulator", session="kitchen", request_id=f"p{number}",
        locale="en-US", kind=Kind.INTENT, intent=intent, slots=slots,
    )  # fmt: skip
    return app.answer(turn).speech


def fill_cart(app) -> None:
    say(app, 1, "find_products", product_query="coffee")
    say(app, 2, "choose_item", ordinal="first")
    say(app, 3, "yes")


def layer(app):
    return app.ports.policies.layer("store", app.ports.store.store_id)


def test_every_limit_has_a_field(owner):
    page = owner.get("/console/policy")
    assert [] == [name for name in KNOBS if f'name="{name}"' not in page]


def test_a_limit_that_is_set_is_obeyed_by_the_next_word(app, owner):
    fill_cart(app)
    owner.post("/console/policy", version="0", order_max="5.00", why="a slow start")
    assert "limit" in say(app, 4, "check_out").lower()
    assert 500 == layer(app).knobs["order_max"]


def test_who_changed_what_and_why_is_kept_and_shown(app, owner):
    owner.post("/console/policy", version="0", order_max="40.00", quiet_hours="22:00-06:00", why="a slow start")
    entry = app.ports.ledger.last_audit(store_chain(app.ports.store.store_id), 10)[0]
    assert {"order_max": [None, 4000], "quiet_hours": [None, ["22:00-06:00"]]} == entry.facts["changed"]
    words = owner.words("/console/trail")
    for told in (
        "Changed the store’s limits",
        "One order at most: no limit → 40.00 USD",
        "No orders between: none → 22:00-06:00",
        "a slow start",
        "owner",
    ):
        assert told in words


def test_an_emptied_field_is_a_limit_that_the_store_no_longer_sets(app, owner):
    owner.post("/console/policy", version="0", order_max="40.00", lines_max="3")
    owner.post("/console/policy", version="1", order_max="", lines_max="3")
    assert {"lines_max": 3} == dict(layer(app).knobs)
    assert "One order at most: 40.00 USD → no limit, no longer set" in owner.words("/console/trail")


def test_what_the_page_shows_can_be_saved_as_it_stands(app, owner):
    filled = {
        "order_max": "40.00", "order_gap_min_s": "90 s", "duplicate_window_s": "10 min", "undo_window_s": "1 h",
        "approval_ttl_s": "1 d", "pin_policy": "over", "categories_denied": "Beer, Wine", "quiet_hours": "21:30-07:00",
        "ordering_enabled": "true", "frozen": "false", "orders_per_day_max": "5",
    }  # fmt: skip
    owner.post("/console/policy", version="0", **filled)
    before = dict(layer(app).knobs)
    assert (90, 600, 3600, 86400) == tuple(
        before[name] for name in ("order_gap_min_s", "duplicate_window_s", "undo_window_s", "approval_ttl_s")
    )
    page = owner.get("/console/policy")
    for text in ("40.00", "90 s", "10 min", "1 h", "1 d", "Beer,Wine", "21:30-07:00"):
        assert text in page
    owner.post("/console/policy", version="1", **filled)
    assert (before, 1) == (dict(layer(app).knobs), layer(app).version)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("order_max", "a lot", "write it such as 1200.00, without thousands"),
        ("order_max", "-5", "is no amount; write it such as 1200.00, without thousands"),
        ("quote_ttl_s", "5 s", "write a time from 30 s to 400 d"),
        ("order_gap_min_s", "401 d", "write a time from 0 s to 400 d"),
        ("order_max", "1,200", "write it such as 1200.00, without thousands"),
        ("order_max", "99999999999999999999", "write it such as 1200.00, without thousands"),
        ("order_gap_min_s", "soon", "write it such as 90 s, 10 min or 24 h"),
        ("quiet_hours", "late", "is not right"),
        ("lines_max", "1.5", "is not right"),
        ("pin_policy", "maybe", "is not right"),
    ],
)
def test_what_is_no_limit_is_refused_beside_its_field(app, owner, name, text, told):
    page = owner.post("/console/policy", 422, version="0", year_max="900.00", **{name: text})
    assert told in page
    assert f'href="#{name}"' in page
    assert 'value="900.00"' in page
    assert 0 == layer(app).version


def test_names_that_the_catalogue_does_not_have_are_taken_and_told_of(owner, app):
    sold = app.ports.catalogue.categories()[0]
    owner.post("/console/policy", version="0", categories_denied=f"{sold.upper()}, Candyy", skus_denied="nosuch-sku")
    assert "Candyy" in layer(app).knobs["categories_denied"]
    words = owner.words("/console/policy")
    assert "Categories that are never sold by voice: Candyy Products that are never sold by voice: nosuch-sku" in words
    assert "is one misspelt?" in words
    owner.post("/console/policy", version="1", categories_denied=sold, skus_denied=app.ports.catalogue.top(1)[0].sku)
    assert "is one misspelt?" not in owner.words("/console/policy")


def test_limits_that_somebody_else_changed_meanwhile_are_not_overwritten(app, owner):
    owner.post("/console/policy", version="0", order_max="40.00")
    page = owner.post("/console/policy", 422, version="0", order_max="90.00")
    assert "Somebody else has changed the limits" in page
    assert 4000 == layer(app).knobs["order_max"]


def test_a_form_without_its_fields_lifts_no_limit(app, owner):
    owner.post("/console/policy", version="0", order_max="40.00", lines_max="3")
    owner.post("/console/policy", version="1", lines_max="4")
    assert {"order_max": 4000, "lines_max": 4} == app.ports.policies.layer("store", app.ports.store.store_id).knobs


def test_what_if_tells_what_would_have_gone_another_way_and_saves_nothing(app, owner):
    fill_cart(app)
    say(app, 4, "check_out")
    say(app, 5, "give_code", code="4271")
    words = owner.words("/console/policy/what-if?order_max=5.00")
    assert "1 of the last 1 orders would have gone another way" in words
    assert "would have been refused" in words
    part = owner.get("/console/policy/preview?order_max=5.00")
    assert "<html" not in part
    assert "would have been" in part
    assert 0 == layer(app).version


def test_a_what_if_says_that_it_cannot_tell_what_a_laxer_limit_would_have_done(app, owner):
    fill_cart(app)
    say(app, 4, "check_out")
    say(app, 5, "give_code", code="4271")
    change_policy(app.ports, "store", app.ports.store.store_id, PolicyChange({"order_max": 1000}), "owner", "")
    told = "Limits that you took out or made laxer are not looked at here"
    assert told in owner.words("/console/policy/what-if?order_max=20.00")
    assert told in owner.words("/console/policy/what-if?order_max=")
    assert told not in owner.words("/console/policy/what-if?order_max=5.00&day_max=20.00")


def test_a_what_if_with_a_mistake_says_so(owner):
    assert "Mend what is marked first." in owner.words("/console/policy/what-if?order_max=lots")


def test_a_frozen_store_sells_nothing(app, owner):
    fill_cart(app)
    owner.post("/console/policy", version="0", frozen="true")
    assert "Done" not in say(app, 4, "check_out")
    assert () == tuple(app.ports.orders.newest(5))


def test_the_form_needs_its_token(app, owner):
    form = {"version": "0", "order_max": "1"}
    assert 403 == owner.client.post("/console/policy", data=form, headers={"Origin": "http://localhost"}).status_code
    assert 0 == layer(app).version


def test_a_parent_sets_no_limits_of_the_store(app, parent):
    parent.post("/console/policy", csrf=parent.token("/household"), version="0", order_max="1.00")
    assert 0 == layer(app).version
