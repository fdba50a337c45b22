"""Conversation files: what is wrong in one is named with its line and what would be right."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import ConversationInvalid
from skill.simulator import conversation
from skill.simulator.conversation import (
    FILE_LENGTH_MAX,
    STEPS_MAX,
    Conversation,
    HouseholdSetUp,
    Step,
    parse_conversation,
    read_conversation,
    write_conversation,
)

GUIDE = Path(__file__).parents[2] / "docs" / "conversations.md"


def steps(*written: str) -> str:
    return "title: x\nsteps:\n" + "".join(f"  - {each}\n" for each in written)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: write a title: and steps:"),
        ("- a", "line 1: write a title: and steps:"),
        ("title: [", "line 1: expected the node content"),
        ("[" * 100_000, "a.yaml is nested too deep"),
        ("title: x\nsteps: []", "steps: there are 0"),
        (steps(*["{launch: true}"] * (STEPS_MAX + 1)), f"write 1 to {STEPS_MAX}"),
        ("title: x\n" + "#" * FILE_LENGTH_MAX, f"at most {FILE_LENGTH_MAX} are played"),
        ("title: x\ntitle: y\n" + steps("{launch: true}")[9:], "line 2: title is given twice"),
        ("titel: x\n" + steps("{launch: true}"), "line 1: titel is not known here; did you mean title?"),
        (steps("{hera: x}"), "line 3: hera is not known here; did you mean hear?"),
        (steps("{say: a, outside: {paymnt: declined}}"), "paymnt is not known here; did you mean payment?"),
        (steps("{say: 4271}"), "line 3: steps.say: write words; quote numbers, such as '4271'"),
        (steps("{say: a, intent: b}"), "a step does one thing, this one has say and intent"),
        (steps("{slots: {a: b}}"), "slots belong to an intent"),
        (steps("{hear: a}"), "nothing is said in this step"),
        (steps("{device: kitchen}"), "this step does nothing"),
        (steps("{advance: 3}"), "line 3: steps.advance: write a number and a unit"),
        (steps("{say: a, hear: /(/}"), "/(/ is no regular expression"),
        (steps("{say: a, household: x}"), "step 1 is in household 'x', which `households:` does not have"),
        (steps("{say: a, expects: yes}"), "steps.expects: Input should be 'nothing', 'free'"),
        ("title: x\nhousehold: {code: 0042}\n" + steps("{launch: true}")[9:], "write four digits in quotes"),
        ("title: x\nclock: 2026-01-01T00:00:00\n" + steps("{launch: true}")[9:], "clock needs a zone"),
        ("title: x\nplatforms: [siri]\n" + steps("{launch: true}")[9:], "line 2: platforms: Input should be 'alexa'"),
        (steps("{say: a, orders: [{total: much}]}"), "line 3: steps.orders"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_remedy(text: str, says: str) -> None:
    with pytest.raises(ConversationInvalid, match=re.escape(says)):
        parse_conversation(text, "a.yaml")


def test_a_bare_yes_and_no_are_words() -> None:
    conversation = parse_conversation(steps("{say: yes}", "{say: no}"), "a.yaml")
    assert ["yes", "no"] == [step.say for step in conversation.steps]


def test_libyaml_reads_what_the_reader_in_python_reads() -> None:
    text = guide_example() + "more: [yes, no, on, true, 2026-01-01, 0042, 1:30, ~, 1.5]\n"
    node, written = conversation._read_yaml(text, conversation._Reader)
    quick_node, quickly = conversation._read_yaml(text, conversation._QuickReader)
    assert written == quickly
    assert yaml.serialize(node) == yaml.serialize(quick_node)
    where = ("steps", 2, "cart", "Bananas")
    assert conversation._line(node, where) == conversation._line(quick_node, where) > 10


def test_each_step_knows_its_line() -> None:
    assert (3, 4) == parse_conversation(steps("{say: a}", "{say: b}"), "a.yaml").lines


def test_a_time_to_wait_has_a_unit() -> None:
    waits = [f"{{say: a, advance: {each}}}" for each in ("121s", "30m", "2h", "1d")]
    assert [timedelta(seconds=121), timedelta(minutes=30), timedelta(hours=2), timedelta(days=1)] == [
        step.advance for step in parse_conversation(steps(*waits), "a.yaml").steps
    ]


def test_a_file_that_is_not_there_or_not_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConversationInvalid, match="cannot be read"):
        read_conversation(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("title: Café".encode("latin-1"))
    with pytest.raises(ConversationInvalid, match="not UTF-8"):
        read_conversation(tmp_path / "latin.yaml")


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn"), exclude_characters="\u2028\u2029\x85\ufeff"),
    min_size=1,
    max_size=60,
)


@given(st.lists(words, min_size=1, max_size=5), words)
def test_what_is_written_reads_back_the_same(said: list[str], title: str) -> None:
    written = write_conversation({"title": title, "steps": [{"say": each} for each in said]})
    read = parse_conversation(written, "a.yaml")
    assert (title, said) == (read.title, [step.say for step in read.steps])


# --- the guide --------------------------------------------------------------------------------------------------------------


def guide_example() -> str:
    found = re.search(r"```yaml\n(title:.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_guides_example_is_played_as_written(sample: tuple[Path, list[object]], tmp_path: Path) -> None:
    from skill.simulator.replay import failure_text, play, set_stage

    conversation = parse_conversation(guide_example(), GUIDE.name)
    for platform in conversation.platforms:
        stage = set_stage(conversation, platform, sample[0], sample[1], tmp_path / platform)  # type: ignore[arg-type]
        try:
            assert [] == [failure_text(GUIDE.name, platform, each) for each in play(stage) if each.problems]
        finally:
            stage.close()


@pytest.mark.parametrize("part", [Conversation, HouseholdSetUp, Step])
def test_the_guide_names_every_key(part: type[Conversation]) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    keys = [name for name in part.model_fields if name != "lines"]
    assert [] == [key for key in keys if f"`{key}`" not in guide]
