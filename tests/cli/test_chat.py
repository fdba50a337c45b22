"""`sayso chat`: words piped in, answers out, everything through the real adapter; files played as written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skill.simulator import PLATFORMS
from skill.simulator.conversation import read_conversation
from skill.simulator.envelopes import envelopes_for

Run = Callable[..., Any]

CONVERSATIONS = Path(__file__).parents[1] / "conversations"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_piped_words_order_something(run: Run, demo: str, platform: str) -> None:
    told = run("chat", "--platform", platform, stdin="find bananas\nadd two of the first one\ncheck out\n4271\n").out
    assert "store> Welcome to Corner Store." in told
    assert "cart: 2 x Bananas, per lb (1.38 USD)" in told
    assert "guard: Needs the code" in told
    assert "guard: Allowed, by code" in told
    assert "[Receipt from Corner Store]" in told


def test_commands_look_behind_the_conversation(run: Run, demo: str) -> None:
    told = run("chat", stdin="/guard\n/cart\n/limits\n/speaker kim\n/new\n/dance\n/quit\nfind milk\n")
    assert "not asked yet" in told.out
    assert "nothing in it" in told.out
    assert "0.00 of 100.00 USD" in told.out
    assert "the voice of kim" in told.out
    assert "/dance is no command" in told.err
    assert "find milk" not in told.out


def test_json_is_one_document_a_turn(run: Run, demo: str) -> None:
    lines = run("chat", "--json", "--envelopes", stdin="find bananas\n").out.splitlines()
    launched, found = (json.loads(line) for line in lines)
    assert "LaunchRequest" == launched["request"]["request"]["type"]
    assert ("find_products", {"product_query": "bananas"}) == (found["intent"], found["slots"])
    assert "response" in found["response"]


def test_envelopes_are_shown_on_demand(run: Run, demo: str) -> None:
    assert "outputSpeech" not in run("chat", stdin="find milk\n").out
    assert "outputSpeech" in run("chat", stdin="find milk\n/envelopes\n").out


def test_another_household_shops_by_its_own_link(run: Run, demo: str) -> None:
    made = run("household", "create", "--json").json["household_id"]
    assert "no account on alexa" in run("chat", "--household", made).err
    run("household", "link", made, "--platform", "alexa", "--user", "u2")
    told = run("chat", "--household", made, stdin="find bananas\nadd the first one\ncheck out\n").out
    assert "no purchase code" in told
    assert "guard: Refused" in told


def test_an_account_of_no_household_is_told_that_it_may_only_look(run: Run, data: Path) -> None:
    told = run("chat", stdin="check out\n")
    assert "You are a guest" in told.err


def test_a_saved_conversation_plays_again(run: Run, demo: str, tmp_path: Path) -> None:
    saved = tmp_path / "bananas.yaml"
    words = "find bananas\nadd two of the first one\ncheck out\n4271\nwhere is my order\n"
    assert f"saved: sayso chat --script {saved}" in run("chat", "--save", str(saved), stdin=words).out
    assert "as written" in run("chat", "--script", str(saved)).out
    assert 0 == run("chat", "--script", str(saved)).code


def test_a_conversation_in_which_nothing_was_said_is_not_saved(run: Run, demo: str, tmp_path: Path) -> None:
    """No file without a step can be played."""
    by_command, at_the_end = tmp_path / "by_command.yaml", tmp_path / "at_the_end.yaml"
    told = run("chat", "--save", str(at_the_end), stdin=f"/language it-IT\n/save {by_command}\n")
    for path in (by_command, at_the_end):
        assert f"{path} is not saved: nothing has been said yet" in told.err
        assert not path.exists()


def test_the_households_own_code_and_address_are_not_saved(run: Run, demo: str, tmp_path: Path) -> None:
    made = run("household", "create", "--address", "7 Secret Street", "--json").json["household_id"]
    run("household", "link", made, "--platform", "alexa", "--user", "u3")
    run("household", "code", made, stdin="8306\n")
    saved = tmp_path / "private.yaml"
    words = "find bananas\nadd two of the first one\ncheck out\n5093\n8306\n"
    run("chat", "--household", made, "--save", str(saved), stdin=words)
    text = saved.read_text(encoding="utf-8")
    assert [] == [secret for secret in ("8306", "5093", "Secret Street") if secret in text]
    assert "as written" in run("chat", "--script", str(saved)).out


def test_what_is_there_is_not_written_over(run: Run, demo: str, tmp_path: Path) -> None:
    there = tmp_path / "there.yaml"
    there.write_text("mine", encoding="utf-8")
    assert "it exists; give another name" in run("chat", "--save", str(there)).err
    assert "it exists; give another name" in run("chat", stdin=f"find milk\n/save {there}\n").err
    assert "mine" == there.read_text(encoding="utf-8")


def test_a_conversation_file_is_played_on_the_platforms_it_names(run: Run, data: Path) -> None:
    path = CONVERSATIONS / "dollhouse.yaml"
    reports = run("chat", "--script", str(path), "--json").json
    assert [(each["platform"], each["problems"]) for each in reports] == [
        (platform, []) for platform in read_conversation(path).platforms
    ]
    assert [] == run("household", "list", "--json").json, "it has a store of its own"


def test_a_step_that_goes_otherwise_is_shown_and_fails_the_command(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "title: Wrong\nsteps:\n  - say: find bananas\n    hear: pineapples\n    orders: 1\n", encoding="utf-8"
    )
    played = run("chat", "--script", str(path), "--platform", "alexa")
    assert 1 == played.code
    assert "! line 3: wanted to hear: 'pineapples'" in played.out
    assert "! line 3: wanted 1 orders, there are 0: none" in played.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps: [", "wrong.yaml, line 1"),
        ("title: x\nsteps:\n  - hera: x\n", "line 3: hera is not known here; did you mean hear?"),
        ("title: x\nplatforms: [alexa]\nsteps:\n  - launch: true\n", "is for alexa, not for dialogflow-cx"),
        ("title: x\nhousehold: {code: '1234'}\nsteps:\n  - launch: true\n", "too easy to guess"),
        ("title: x\nhousehold: {policy: {daymax: 1}}\nsteps:\n  - launch: true\n", "did you mean day_max?"),
    ],
)
def test_a_file_that_cannot_be_played_is_named_with_the_remedy(
    run: Run, data: Path, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    played = run("chat", "--script", str(path), "--platform", "dialogflow-cx")
    assert 1 == played.code
    assert says in played.err


def test_options_that_do_not_go_together_are_refused(run: Run, demo: str, tmp_path: Path) -> None:
    assert 2 == run("chat", "--script", "x.yaml", "--save", "y.yaml").code
    assert 2 == run("chat", "--url", "http://127.0.0.1:1", "--household", demo).code


def test_a_server_that_does_not_answer_is_said_so(run: Run, data: Path) -> None:
    told = run("chat", "--url", "http://127.0.0.1:1", stdin="find milk\n")
    assert 1 == told.code
    assert "no answer from 127.0.0.1:1" in told.out


# --- what the page can do as well ---------------------------------------------------------------------------------------------


def test_the_clock_is_moved_and_a_quote_expires(run: Run, demo: str) -> None:
    words = "find bananas\nadd two of the first one\ncheck out\n/clock +3m\n4271\n/clock soon\n"
    told = run("chat", "--clock", "monday 08:00", stdin=words)
    assert "Mon " in told.out
    assert "08:03:" in told.out
    assert "America/New_York" in told.out
    assert "Done" not in told.out
    assert "tomorrow 08:00" in told.err


def test_a_store_in_earnest_keeps_the_machines_clock(run: Run, demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_SKILL_ID", "amzn1.ask.skill.x")
    told = run("chat", stdin="/clock +1h\n/clock\n")
    assert "SAYSO_SKILL_ID is set" in told.err
    assert 1 == told.out.count("(it is ")


def test_another_language_begins_another_conversation(run: Run, demo: str) -> None:
    told = run("chat", "--language", "it-it", stdin="cerca il latte\n/language\n/language en-GB\nfind milk\n")
    assert "I più vicini" in told.out
    assert "a new conversation, in en-GB" in told.out
    assert "el-GR, en-GB" in told.out
    assert told.out.index("I più vicini") < told.out.index("I found")
    refused = run("chat", "--language", "xx")
    assert 2 == refused.code
    assert "no sentences for 'xx'" in refused.err


def test_a_line_of_the_screen_is_touched(run: Run, demo: str, tmp_path: Path) -> None:
    saved = tmp_path / "touched.yaml"
    words = "find bananas\n/touch 1\n/touch\n/touch 99\n"
    told = run("chat", "--screen", "--device", "display", "--save", str(saved), stdin=words)
    assert "the screen shows nothing to touch that is 99" in told.out
    assert "the number of a line" in told.err
    conversation = read_conversation(saved)
    assert (("display",), [None, None, 1]) == (conversation.screens, [each.touch for each in conversation.steps])
    assert 0 == run("chat", "--script", str(saved)).code
    assert "no screen" in run("chat", stdin="/touch 1\n").out


def test_a_captured_request_is_run_and_talked_on_from(run: Run, demo: str, tmp_path: Path) -> None:
    envelope = envelopes_for("alexa", "somebody", locale="en-US").intent("find_products", {"product_query": "bananas"})
    captured = tmp_path / "captured.json"
    captured.write_text(json.dumps(envelope), encoding="utf-8")
    told = run("chat", stdin=f"/send {captured}\nadd two of the first one\n/send {tmp_path}/none.json\n")
    assert "sent> find_products" in told.out
    assert "cart: 2 x Bananas" in told.out
    assert "No such file" in told.out
    other = run("chat", "--platform", "dialogflow-cx", stdin=f"/send {captured}\n")
    assert "start with --platform alexa" in other.out


def test_a_file_is_replayed_with_each_check(run: Run, demo: str) -> None:
    path = CONVERSATIONS / "order-with-the-code.yaml"
    told = run("chat", stdin=f"/replay {path}\n/replay {path}.none\nfind milk\n")
    assert "✓ hear: Welcome" in told.out
    assert "as written" in told.out
    assert "cannot be read" in told.err
    assert "I found" in told.out, "the conversation goes on after it"
    assert "✓ hear: Welcome" in run("chat", "--script", str(path), "--step").out


def test_each_limit_tells_where_it_comes_from(run: Run, demo: str) -> None:
    told = run("chat", stdin="/limits\n").out
    assert re.search(r"order_max: +50.00 USD  \(household \(default\)\)", told)
    assert re.search(r"quiet_hours: +none  \(household\)", told)
    assert re.search(r"purchase code: +set", told)


def test_a_clock_that_is_none_begins_no_conversation(run: Run, demo: str) -> None:
    told = run("chat", "--clock", "whenever", stdin="find milk\n")
    assert (1, "") == (told.code, told.out)
    assert told.err


def test_a_voice_is_not_recognised_where_the_platform_tells_of_none(run: Run, demo: str) -> None:
    told = run("chat", "--speaker", "Kim", "--platform", "dialogflow-cx", stdin="find milk\n")
    assert (2, "") == (told.code, told.out)
    assert "dialogflow-cx, which tells its webhook of no voice" in told.err
    told = run("chat", "--platform", "dialogflow-es", stdin="/speaker Kim\n")
    assert "the voice of" not in told.out
    assert "dialogflow-es tells its webhook of no voice" in told.err
