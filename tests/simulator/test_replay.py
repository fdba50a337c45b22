"""The player notices what goes otherwise: a check that never fails would be none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from skill.errors import ConversationInvalid
from skill.shop.catalogue import Product
from skill.simulator.conversation import parse_conversation
from skill.simulator.replay import Played, failure_text, play, set_stage

Play = Callable[..., list[Played]]

HEAD = "title: x\nhousehold:\n  cart: {bananas-per-lb: 2}\nsteps:\n"


@pytest.fixture
def played(sample: tuple[Path, list[Product]], tmp_path: Path) -> Play:
    """Plays steps in a household with two pounds of bananas in its cart."""
    store, products = sample

    def play_steps(*steps: str, platform: str = "alexa", head: str = HEAD) -> list[Played]:
        conversation = parse_conversation(head + "".join(f"  - {step}\n" for step in steps), "a.yaml")
        folder = tmp_path / f"stage-{len(list(tmp_path.iterdir()))}"
        stage = set_stage(conversation, platform, store, products, folder)
        try:
            return list(play(stage))
        finally:
            stage.close()

    return play_steps


def problems(steps: list[Played]) -> list[str]:
    return [problem for step in steps for problem in step.problems]


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ("hear: pineapples", "wanted to hear: 'pineapples'"),
        ("hear: /^total/", "wanted to hear: '/^total/'"),
        ("not_hear: [bananas]", "did not want to hear: 'bananas'"),
        ("card: none", "wanted no card, there is: 'Order at Corner Store'"),
        ("card: [pineapples]", "wanted on the card: 'pineapples'"),
        ("cart: {Bananas: 3}", "wanted 3 x Bananas in the cart, there are 2"),
        ("cart: {Bananas: 2, Lemons: 1}", "wanted 1 x Lemons in the cart, there is none"),
        ("cart: {}", "did not want in the cart: 2 x Bananas, per lb (bananas-per-lb)"),
        ("orders: 1", "wanted 1 orders, there are 0: none"),
        ("charges: [537]", "wanted the charges [537], there are []"),
        ("expects: yes_or_no", "wanted the skill to expect yes_or_no, it expects code"),
        ("understood: stop", "wanted the words understood as stop"),
        ("decision: Refuse", "wanted the guard's last decision to be Refuse, it was NeedCode"),
    ],
)
def test_what_goes_otherwise_is_a_problem(played: Play, check: str, problem: str) -> None:
    (found,) = problems(played(f"{{say: check out, {check}}}"))
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ("{state: shipped}", "wanted order 1 shipped, it is committed"),
        ("{total: 1}", "wanted the total of order 1 to be 1, it is 537"),
        ("{code_proved: false}", "wanted code_proved False for order 1, it is True"),
        ("{lines: {bananas-per-lb: 1}}", "wanted the lines {'bananas-per-lb': 1} in order 1"),
    ],
)
def test_an_order_that_is_otherwise_is_a_problem(played: Play, check: str, problem: str) -> None:
    (found,) = problems(played("say: check out", f"{{say: '4271', orders: [{check}]}}"))
    assert found.startswith(problem)


def test_a_card_that_is_missing_is_a_problem(played: Play) -> None:
    assert ["wanted a card with Receipt; there is none"] == problems(played("{launch: true, card: [Receipt]}"))


def test_a_failure_tells_where_what_was_said_heard_and_wanted(played: Play) -> None:
    (step,) = played("{say: check out, hear: pineapples}")
    assert [
        'a.yaml, line 5, step 1 on alexa: said "check out"',
        "  understood: check_out",
        f"  heard: {step.exchange.heard.speech!r}" if step.exchange else "",
        "  wanted to hear: 'pineapples'",
    ] == failure_text("a.yaml", "alexa", step).splitlines()


def test_what_was_remembered_is_said_later(played: Play) -> None:
    head = HEAD.replace("cart:", "code: none\n  policy: {pin_policy: never}\n  cart:")
    steps = played("say: check out", "say: check out", head=head)
    assert [] == problems(steps)
    pattern = "'/number: (?P<number>\\d+)/'"
    assert [] == problems(
        played(f"{{say: check out, hear: {pattern}}}", "{say: 'order {number}', hear: Done, orders: 1}", head=head)
    )


def test_nothing_was_sent_that_could_be_delivered_again(played: Play) -> None:
    assert ["the adapter rejected the request: nothing has been sent yet"] == problems(played("redeliver: true"))


def test_dialogflow_is_never_told_of_a_check_of_the_speaker(played: Play) -> None:
    (problem,) = problems(played("verify: achieved", platform="dialogflow-cx"))
    assert "the platform was not asked to verify who speaks" in problem


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("title: x\nhousehold: {cart: {nothing: 1}}\nsteps:\n", "the store has no nothing"),
        ("title: x\nhousehold: {code: '1234'}\nsteps:\n", "too easy to guess"),
        ("title: x\nhousehold: {time_zone: Mars}\nsteps:\n", "no time zone"),
        ("title: x\nstore_policy: {order_max: -1}\nsteps:\n", "order_max: -1 is below zero"),
        ("title: x\nhousehold: {people: {kim: {profile: chlid}}}\nsteps:\n", "no profile of .*; there are child, teen"),
        ("title: x\nhousehold: {profiles: {Kim Lee: {order_max: 1}}}\nsteps:\n", "no name for a profile"),
    ],
)
def test_a_store_that_cannot_be_set_up_is_no_stage(played: Play, head: str, says: str) -> None:
    with pytest.raises(ConversationInvalid, match=says):
        played("launch: true", head=head)


def test_a_shelf_without_the_product_is_named(played: Play) -> None:
    with pytest.raises(ConversationInvalid, match="the store has no pineapple"):
        played("{say: check out, outside: {shelf: {pineapple: {stock: 0}}}}")
