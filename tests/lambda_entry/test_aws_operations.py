"""What docs/aws-operations.md and docs/platforms.md say of a deployment is what the template makes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "aws-operations.md").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
RESOURCES, _, OUTPUTS = TEMPLATE.partition("\nOutputs:\n")


def resource(name: str) -> str:
    found = re.search(rf"^  {name}:\n(.*?)(?=^  \w|\Z)", RESOURCES, re.M | re.S)
    assert found, name
    return found[1]


def test_every_variable_of_the_commands_is_an_output() -> None:
    table = PAGE.partition("| variable | output | for |")[2].partition("\n\n")[0]
    named = dict(re.findall(r"^\| (`SAYSO.*?) \| (.*?) \|", table, re.M))
    variables = {each for names in named for each in re.findall(r"`(\w+)`", names)}
    assert variables >= {
        "SAYSO_TABLE",
        "SAYSO_SECRET",
        "SAYSO_ANCHORS_BUCKET",
        "SAYSO_SIGN_IN_ISSUER",
        "SAYSO_PUBLIC_URL",
    }
    for output in (each for names in named.values() for each in re.findall(r"`(\w+)`", names)):
        assert f"  {output}:\n" in OUTPUTS, output


def test_a_new_account_can_deploy_it() -> None:
    """Lambda lets no execution be reserved where ten are all that there are."""
    reserved = re.findall(r"ReservedConcurrentExecutions: (.*)", TEMPLATE)
    assert {"!If [ReservesConcurrency, 1, !Ref AWS::NoValue]"} == set(reserved)
    assert re.search(r'^  ReserveConcurrency:\n    Type: String\n    Default: "no"$', TEMPLATE, re.M)


def test_somebody_is_told_before_dialogflow_gives_up() -> None:
    threshold = re.search(r"Threshold: (\d+)", resource("DialogflowSlow"))
    assert threshold
    assert int(threshold[1]) < 5000


def test_somebody_hears_that_the_sweeper_stands_still_and_that_calls_are_turned_away() -> None:
    missing = resource("SweeperIsMissing")
    assert "!Ref SweeperFunction" in missing
    assert "TreatMissingData: breaching" in missing
    for name, metric in (
        ("AlexaThrottled", "Throttles"),
        ("DialogflowThrottled", "Throttles"),
        ("ApiFailed", "5xx"),
        ("ApiRefuses", "4xx"),
        ("TableReadsThrottled", "ReadThrottleEvents"),
        ("IndexThrottled", "WriteThrottleEvents"),
    ):
        assert f"MetricName: {metric}\n" in resource(name)
    assert "Value: by_age" in resource("IndexThrottled")


def test_the_key_of_dialogflows_users_may_be_a_public_key_on_one_line() -> None:
    parameter = resource("DialogflowUserKey") if "DialogflowUserKey:" in RESOURCES else ""
    pattern = re.search(r'AllowedPattern: "(.*)"', parameter)
    assert pattern
    allowed = pattern[1].encode().decode("unicode_escape")
    assert re.fullmatch(
        allowed, "-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+/==-----END PUBLIC KEY-----"
    )
    assert "PEM of a public key on one line" in parameter
