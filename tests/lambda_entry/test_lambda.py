"""The functions as AWS loads them: by name, since `lambda` cannot be imported by a statement."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import time
from base64 import b64encode
from pathlib import Path

import jwt
import pytest

from skill.app import build_app
from skill.errors import RequestRejected, SettingsInvalid
from skill.platforms.dialogflow_cx import SECRET_HEADER
from skill.simulator.envelopes import (
    ActionsBuilderEnvelopes,
    AlexaEnvelopes,
    DialogflowCxEnvelopes,
    DialogflowEsEnvelopes,
)
from tests.platforms.signing import key_named

SKILL_ID = "amzn1.ask.skill.ours"
SECRET = "what-the-agent-sends"


@pytest.fixture
def load(monkeypatch, sample_store, tmp_path):
    """`load("alexa", SAYSO_SKILL_ID=…)`: the module, fresh, with only these variables of ours set."""
    opened = []

    def build(settings):
        opened.append(build_app(settings))
        return opened[-1]

    # An instance on AWS never closes its store; a test does.
    monkeypatch.setattr("skill.app.build_app", build)
    for name in list(sys.modules):
        if name.split(".")[0] == "lambda":
            monkeypatch.delitem(sys.modules, name)

    def fresh(name, **variables):
        data = tmp_path / "data"
        shutil.copytree(sample_store, data)
        for key, value in ({"SAYSO_DATA_DIR": str(data)} | variables).items():
            monkeypatch.setenv(key, value)
        return importlib.import_module(f"lambda.{name}")

    for key in ("SAYSO_SKILL_ID", "SAYSO_DIALOGFLOW_SECRET", "SAYSO_DIALOGFLOW_USER_KEY", "SAYSO_KEYS_DIR"):
        monkeypatch.delenv(key, raising=False)
    yield fresh
    for app in opened:
        app.close()


def test_alexa_is_answered_and_the_skill_is_built_once(load):
    module = load("alexa", SAYSO_SKILL_ID=SKILL_ID)
    envelopes = AlexaEnvelopes("ada", skill_id=SKILL_ID)
    first = module.skill()
    heard = envelopes.heard(module.handler(envelopes.launch(), None))
    assert "Corner Store" in heard.speech
    assert first is module.skill()
    json.dumps(module.handler(envelopes.end(), None))


def test_a_function_says_when_it_starts_that_nobody_is_charged(load, caplog):
    load("alexa", SAYSO_SKILL_ID=SKILL_ID).skill()
    assert 1 == caplog.text.count("payments are a demonstration: every order counts as paid, and nobody is charged")


def test_another_skills_request_is_refused_on_lambda_too(load):
    module = load("alexa", SAYSO_SKILL_ID=SKILL_ID)
    with pytest.raises(RequestRejected, match="another skill"):
        module.handler(AlexaEnvelopes("ada", skill_id="amzn1.ask.skill.theirs").launch(), None)


@pytest.mark.parametrize("skill_id", ["", "  "])
def test_without_a_skill_id_the_function_does_not_start(load, skill_id):
    with pytest.raises(SettingsInvalid, match="SAYSO_SKILL_ID"):
        load("alexa", SAYSO_SKILL_ID=skill_id, AWS_LAMBDA_FUNCTION_NAME="alexa")


def test_without_a_skill_id_nothing_is_answered(load):
    module = load("alexa")
    with pytest.raises(SettingsInvalid, match="SAYSO_SKILL_ID"):
        module.handler(AlexaEnvelopes("ada").launch(), None)


def test_the_data_directory_is_filled_from_the_package_when_an_instance_starts(load, sample_store, tmp_path):
    empty = tmp_path / "tmp" / "sayso"
    module = load("alexa", SAYSO_SKILL_ID=SKILL_ID, SAYSO_DATA_DIR=str(empty), SAYSO_SEED_DIR=str(sample_store))
    module.skill()
    assert (empty / "store.yaml").exists()
    assert (empty / "catalogue.index").exists()


def test_what_is_there_already_stays_and_a_link_to_nothing_is_mended(load, sample_store, tmp_path):
    data = tmp_path / "tmp" / "sayso"
    data.mkdir(parents=True)
    (data / "store.yaml").write_bytes((sample_store / "store.yaml").read_bytes() + b"# ours\n")
    (data / "catalogue.index").symlink_to(tmp_path / "gone" / "catalogue.index")
    load("alexa", SAYSO_SKILL_ID=SKILL_ID, SAYSO_DATA_DIR=str(data), SAYSO_SEED_DIR=str(sample_store)).skill()

    assert (data / "store.yaml").read_bytes().endswith(b"# ours\n")
    assert (data / "catalogue.index").exists()


def event(request, headers, *, encoded=False):
    """As a function URL hands it over (payload format 2.0): header names in lower case."""
    body = json.dumps(request)
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": {"content-type": "application/json"} | {name.lower(): value for name, value in headers.items()},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": b64encode(body.encode()).decode() if encoded else body,
        "isBase64Encoded": encoded,
    }


@pytest.mark.parametrize("encoded", [False, True])
def test_dialogflow_is_answered(load, encoded):
    module = load("dialogflow", SAYSO_DIALOGFLOW_SECRET=SECRET)
    envelopes = DialogflowCxEnvelopes("ada")
    answer = module.handler(event(envelopes.launch(), {SECRET_HEADER: SECRET}, encoded=encoded), None)
    assert (200, {"content-type": "application/json"}) == (answer["statusCode"], answer["headers"])
    assert "Corner Store" in envelopes.heard(json.loads(answer["body"])).speech


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({SECRET_HEADER: "wrong"}, 403)])
def test_dialogflow_must_know_the_secret(load, headers, status):
    module = load("dialogflow", SAYSO_DIALOGFLOW_SECRET=SECRET)
    assert status == module.handler(event(DialogflowCxEnvelopes("ada").launch(), headers), None)["statusCode"]


def test_a_body_that_is_no_request_is_a_bad_request(load):
    module = load("dialogflow", SAYSO_DIALOGFLOW_SECRET=SECRET)
    answer = module.handler(event([], {SECRET_HEADER: SECRET}) | {"body": None}, None)
    assert (400, {"error": "the body is not JSON"}) == (answer["statusCode"], json.loads(answer["body"]))


@pytest.mark.parametrize("stage", ["", "/prod"])
@pytest.mark.parametrize("kind", [DialogflowCxEnvelopes, DialogflowEsEnvelopes, ActionsBuilderEnvelopes])
def test_one_function_answers_all_of_googles_webhooks_by_their_paths(load, kind, stage):
    module = load("dialogflow", SAYSO_DIALOGFLOW_SECRET=SECRET)
    envelopes = kind("ada")
    given = event(envelopes.launch(), {SECRET_HEADER: SECRET}) | {"rawPath": stage + envelopes.path}
    answer = module.handler(given, None)
    assert 200 == answer["statusCode"]
    assert "Corner Store" in envelopes.heard(json.loads(answer["body"])).speech


@pytest.mark.parametrize("path", ["/alexa", "/dialogflow", "/dialogflow/cx/more"])
def test_another_path_is_not_found_before_anything_is_looked_at(load, path):
    module = load("dialogflow", SAYSO_DIALOGFLOW_SECRET=SECRET)
    assert 404 == module.handler(event({}, {}) | {"rawPath": path}, None)["statusCode"]


def test_a_body_that_is_not_base64_is_a_bad_request(load):
    module = load("dialogflow", SAYSO_DIALOGFLOW_SECRET=SECRET)
    given = event({}, {SECRET_HEADER: SECRET}) | {"body": "é", "isBase64Encoded": True}
    assert 400 == module.handler(given, None)["statusCode"]


@pytest.mark.parametrize(
    ("path", "claims", "status"),
    [
        ("/dialogflow/es", {}, 200),
        ("/actions", {}, 403),  # the token is for the other address
        ("/dialogflow/es", {"aud": "https://else.example/dialogflow/es"}, 403),
        ("/dialogflow/es", {"email": "somebody@example.com"}, 403),
        ("/dialogflow/es", {"exp": 1}, 403),
    ],
)
def test_googles_own_token_is_proof_enough(load, monkeypatch, path, claims, status):
    url, account = "https://shop.example", "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com"
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key_named("google").public_key()))
    keys = json.dumps({"keys": [key | {"kid": "google", "alg": "RS256", "use": "sig"}]}).encode()
    monkeypatch.setattr("skill.platforms.signed_token.fetch_file", lambda *_: keys)
    module = load("dialogflow", SAYSO_GOOGLE_ACCOUNT=account, SAYSO_PUBLIC_URL=url)
    given = {
        "iss": "https://accounts.google.com",
        "sub": "1",
        "aud": f"{url}/dialogflow/es",
        "email": account,
        "email_verified": True,
        "iat": int(time.time()),
        "exp": int(time.time()) + 300,
    } | claims
    token = jwt.encode(given, key_named("google"), algorithm="RS256", headers={"kid": "google"})
    headers = {"Authorization": f"Bearer {token}"}
    envelopes = DialogflowEsEnvelopes("ada") if path.endswith("es") else ActionsBuilderEnvelopes("ada")
    assert status == module.handler(event(envelopes.launch(), headers) | {"rawPath": path}, None)["statusCode"]


def test_without_a_secret_the_function_does_not_start(load):
    with pytest.raises(SettingsInvalid, match="SAYSO_DIALOGFLOW_SECRET"):
        load("dialogflow", AWS_LAMBDA_FUNCTION_NAME="dialogflow")


def test_the_template_names_the_handlers_that_are_there():
    template = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
    for name in ("alexa", "dialogflow", "console", "outbox", "figures", "sweeper", "checker"):
        assert f"Handler: lambda.{name}.handler\n" in template
        assert (Path(__file__).parents[2] / "lambda" / f"{name}.py").exists()


def test_the_sweeper_makes_a_round(load):
    module = load("sweeper")
    module.handler({}, None)
    assert module.background() is module.background()


@pytest.mark.parametrize("missing", ["SAYSO_TABLE", "SAYSO_ANCHORS_BUCKET", "SAYSO_BUS"])
def test_the_outbox_says_which_setting_it_lacks(load, missing):
    set_up = {"SAYSO_TABLE": "t", "SAYSO_ANCHORS_BUCKET": "b", "SAYSO_BUS": "e", "AWS_LAMBDA_FUNCTION_NAME": "outbox"}
    with pytest.raises(SettingsInvalid, match=missing):
        load("outbox", **set_up | {missing: ""})


def test_a_table_without_the_secret_is_refused(load):
    module = load("alexa", SAYSO_SKILL_ID=SKILL_ID, SAYSO_TABLE="t", SAYSO_SECRET="")
    with pytest.raises(SettingsInvalid, match="SAYSO_SECRET"):
        module.skill()
