"""Variants of one product, as feeds write them, are never taken for one another by ear: offered, in the cart, quoted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.shop.catalogue import Product
from skill.simulator.conversation import parse_conversation
from skill.simulator.replay import Stage, play, set_stage
from tests.dialogue.stores import make_store

TEE = "Northwind Men's Classic Organic Cotton Crew Neck T-Shirt"
COLORS = ("Red", "Blue", "Green")
#: The same in a shop that writes what tells them apart into the middle of the title.
MUG = "Harbour Light Hand Thrown Stoneware Coffee Mug {} Glaze Dishwasher Safe"
GLAZES = ("Amber", "Cobalt", "Jade")

#: So long that the first seven words are the same, and so different that the search takes them for three.
BOWLS = ("Amber Glaze with Wide Rim", "Cobalt Finish on Tall Foot", "Jade Lustre and Lid")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Product]]:
    tees = [
        {"id": f"tee-{color}", "title": TEE, "price": "19.99 USD", "item_group_id": "tee", "color": color, "size": "L"}
        for color in COLORS
    ]
    mugs = [
        {"id": f"mug-{glaze}", "title": MUG.format(glaze), "price": "9.99 USD", "size": "12 oz"} for glaze in GLAZES
    ]
    bowl = "Harbour Light Hand Thrown Stoneware Soup Bowl"
    bowls = [
        {"id": f"bowl-{at}", "title": f"{bowl} {each}", "price": "12.99 USD", "size": "20 oz"}
        for at, each in enumerate(BOWLS)
    ]
    folder = tmp_path_factory.mktemp("variants") / "store"
    return folder, make_store(folder, tees + mugs + bowls)


@pytest.fixture
def heard(store: tuple[Path, list[Product]], tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """What is heard in a household that has all the variants in its cart."""
    stages: list[Stage] = []

    def talk(cart: list[str], *steps: dict[str, Any]) -> list[str]:
        policy = {"order_max": 100000, "adult_approval_over": None, "quiet_hours": None}
        told = {"title": "x", "household": {"policy": policy, "cart": dict.fromkeys(cart, 1)}, "steps": steps}
        stages.append(set_stage(parse_conversation(json.dumps(told), "a.yaml"), "alexa", *store, tmp_path / "stage"))
        return [each.exchange.heard.speech for each in play(stages[-1]) if each.exchange is not None]

    yield talk
    for stage in stages:
        stage.close()


def intent(name: str, **slots: str) -> dict[str, Any]:
    return {"intent": name, "slots": slots}


@pytest.mark.parametrize("color", COLORS)
def test_an_offer_says_the_colour_of_what_it_offers(heard: Callable[..., list[str]], color: str) -> None:
    (offered,) = heard([], intent("find_products", product_query=f"{color} t-shirt"))
    assert f"Cotton Crew Neck T-Shirt, {color}, large, $19.99" in offered
    assert len(offered.split()) <= 45


@pytest.mark.parametrize(
    ("skus", "names"),
    [
        (
            [f"tee-{color}" for color in COLORS],
            [f"1 Northwind Men's Classic Organic Cotton Crew Neck T-Shirt, {each}, large" for each in COLORS],
        ),
        (
            [f"mug-{glaze}" for glaze in GLAZES],
            [f"1 Harbour Light Hand Thrown Stoneware Coffee Mug {each} Glaze, 12 oz" for each in GLAZES],
        ),
    ],
)
def test_the_quote_the_order_and_the_cart_say_each_variant_by_what_makes_it_one(
    heard: Callable[..., list[str]], skus: list[str], names: list[str]
) -> None:
    said = heard(
        skus, intent("show_cart"), intent("check_out"), intent("give_code", code="4271"), intent("order_status")
    )
    assert [[], [], [], []] == [[name for name in names if name not in each] for each in said]


def test_which_one_is_asked_with_names_that_differ(heard: Callable[..., list[str]]) -> None:
    cart, skus = intent("remove_from_cart", product="mug"), [f"mug-{glaze}" for glaze in GLAZES]
    (asked,) = heard(skus, cart)
    assert [] == [glaze for glaze in GLAZES if f"Coffee Mug {glaze} Glaze, 12 oz" not in asked]


def test_three_that_are_offered_together_have_names_that_differ(heard: Callable[..., list[str]]) -> None:
    (offered,) = heard([], intent("find_products", product_query="soup bowl"))
    assert [] == [each for each in ("Amber", "Cobalt", "Jade") if each not in offered]
    assert len(offered.split()) <= 45
