"""What docs/aws.md says is what the template, the Makefile and the package's lists have."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def required(name: str) -> set[str]:
    lines = (ROOT / "deployment" / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_every_function_is_built_by_the_same_makefile() -> None:
    functions = re.findall(r"^  (\w+):\n    Type: AWS::Serverless::Function\n(.*)$", TEMPLATE, re.M)
    assert {"AlexaFunction", "DialogflowFunction", "SweeperFunction", "OutboxFunction", "ConsoleFunction"} <= dict(
        functions
    ).keys()
    assert {"    Metadata: {BuildMethod: makefile, WorkingDirectory: .}"} == {below for _, below in functions}
    assert "    CodeUri: deployment/\n" in TEMPLATE
    assert "build-ConsoleFunction: WITH := --pages\n" in (ROOT / "deployment" / "Makefile").read_text(encoding="utf-8")


def test_the_package_depends_on_nothing_that_the_project_does_not_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    named = {*project["project"]["dependencies"], *(each for name in extras for each in extras[name])}
    ours = required("requirements.txt") | required("requirements-pages.txt")

    # boto3 is for owners' machines; functions need what is under it alone.
    assert {"botocore>=1.35,<2"} == ours - named
    assert "boto3>=1.35,<2" in named


def test_the_shoppers_functions_need_none_of_what_the_page_says() -> None:
    names = {re.split(r"[<>=\[]", line)[0] for line in required("requirements.txt")}
    for left_out in ("pydantic", "flask", "click", "rich", "ask-sdk-core", "boto3"):
        assert left_out not in names


def test_the_commands_on_the_page_are_there() -> None:
    for target in re.findall(r"`?make (\w[\w-]*)", PAGE):
        assert re.search(rf"^{target}( \w+)?:", MAKEFILE, re.M), target
    for path in re.findall(r"`((?:deployment|skill|docs)/[\w/.-]+\.\w+|deployment/Makefile)`", PAGE):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"python -m benchmarks\.(\w+)", PAGE):
        assert (ROOT / "benchmarks" / f"{module}.py").exists(), module
    for page in re.findall(r"\]\((\S+\.md)\)", PAGE):
        assert (ROOT / "docs" / page).exists(), page


def test_parameters_and_outputs_on_the_page_are_the_templates() -> None:
    for name in re.findall(r"\b([A-Z]\w+)=", PAGE):
        assert re.search(rf"^  {name}:$", TEMPLATE, re.M) or name in (
            "DATA",
            "RUNTIME",
            "ARCHITECTURE",
            "PARAMETERS",
        ), name
    for output in ("AlexaFunctionArn", "DialogflowWebhookUrl", "PagesUrl"):
        assert f"`{output}`" in PAGE
        assert f"  {output}:\n" in TEMPLATE.partition("\nOutputs:\n")[2]


def test_no_secret_is_in_an_environment_variable() -> None:
    variables = re.findall(r"^ +(SAYSO_\w+): (.*)$", TEMPLATE, re.M)
    hidden = re.findall(r"^  (\w+):\n    Type: String\n    NoEcho: true$", TEMPLATE, re.M)
    assert {"DialogflowSecret", "DialogflowUserKey", "WebhookSecret", "AlexaMessagingClientSecret"} == set(hidden)
    for name, value in variables:
        assert not any(re.search(rf"\b{parameter}\b", value) for parameter in hidden), name
        assert not name.endswith(("_SECRET", "_KEY")) or name == "SAYSO_SECRET"


def test_the_runtimes_that_are_offered_are_those_that_the_package_is_built_for() -> None:
    """Where they differ, a deployment is refused only after its package was built, or runs what was built for another Python."""
    offered = re.search(r"^  Runtime:\n.*?Default: (\S+)\n\s+AllowedValues: \[(.*?)\]", TEMPLATE, re.M | re.S)
    assert offered
    default, allowed = offered[1], offered[2].split(", ")
    built_for = re.findall(
        r'^    "(python[\d.]+)": \(', (ROOT / "deployment" / "package.py").read_text(encoding="utf-8"), re.M
    )
    assert allowed == built_for
    assert all(f"`{each}`" in PAGE for each in allowed)
    assert default == allowed[-1]
    for path in ("Makefile", "deployment/Makefile"):
        assert f"\nRUNTIME ?= {default}\n" in (ROOT / path).read_text(encoding="utf-8"), path
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == f">={allowed[0].removeprefix('python')}"
