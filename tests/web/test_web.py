from __future__ import annotations

import gc
import json
import logging
import os
import shutil
from datetime import timedelta
from functools import partial

import jwt
import pytest
from werkzeug.routing import Rule

from skill import web
from skill.adapters.local.payments import DemoPayments
from skill.adapters.sqlite.database import Database
from skill.app import App, build_app
from skill.errors import SettingsInvalid, StorageError
from skill.platforms.alexa_verify import AlexaVerifier
from skill.settings import Settings
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import PLATFORMS, AlexaEnvelopes, envelopes_for, path_of
from skill.web import create_app
from tests.platforms.signing import NOW, URL, Chain, sign

SKILL_ID = "amzn1.ask.skill.ours"
PATHS = [path_of(platform) for platform in PLATFORMS]
GOOGLES = [platform for platform in PLATFORMS if platform != "alexa"]


def alexa(**options):
    return AlexaEnvelopes(SIMULATED_USER, now=lambda: NOW, **options)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_shopper_is_welcomed_and_finds_something(client, platform):
    envelopes = envelopes_for(platform, SIMULATED_USER, locale="en-US", now=lambda: NOW)
    welcome = envelopes.heard(client.post(envelopes.path, json=envelopes.launch()).get_json())
    assert "Corner Store" in welcome.speech
    found = client.post(envelopes.path, json=envelopes.intent("find_products", {"product_query": "milk"}))
    assert (200, "application/json") == (found.status_code, found.mimetype)
    assert "milk" in envelopes.heard(found.get_json()).speech.lower()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b"\xff{}", "the body is not UTF-8"),
        (b"[" * 50_000, "the body is not JSON"),
    ],
)
def test_a_body_that_is_no_envelope_is_a_bad_request_and_says_why(client, path, body, why):
    answer = client.post(path, data=body, content_type="application/json")
    assert (400, {"error": why}) == (answer.status_code, answer.get_json())


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/alexa", "request.type"),
        ("/dialogflow/cx", "sessionInfo.session"),
        ("/dialogflow/es", "session"),
        ("/actions", "session.id"),
    ],
)
def test_an_envelope_with_something_missing_names_it(client, path, why):
    answer = client.post(path, json={})
    assert (400, {"error": f"{why} is missing"}) == (answer.status_code, answer.get_json())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", None])
def test_another_content_type_is_refused(client, path, content_type):
    answer = client.post(path, data=b"{}", content_type=content_type)
    assert (415, "the content type must be application/json") == (answer.status_code, answer.get_json()["error"])


def test_a_charset_beside_the_content_type_is_fine(client):
    body = json.dumps(alexa().launch())
    assert 200 == client.post("/alexa", data=body, content_type="application/json;charset=utf-8").status_code


@pytest.mark.parametrize("path", PATHS)
def test_a_megabyte_is_not_read(client, path):
    envelope = alexa().launch()
    envelope["session"]["attributes"] = {"noise": "x" * 1_000_000}
    answer = client.post(path, json=envelope)
    assert (413, {"error": "Request Entity Too Large"}) == (answer.status_code, answer.get_json())


def test_many_session_attributes_are_no_hindrance(client):
    envelope = alexa().launch()
    envelope["session"]["attributes"] = {"noise": "x" * 900_000, "cart": ["yacht"]}
    answer = client.post("/alexa", json=envelope)
    assert 200 == answer.status_code
    assert b"yacht" not in answer.data


def test_a_webhook_is_only_posted_to(client):
    assert 405 == client.get("/alexa").status_code
    assert {"error": "Not Found"} == client.get("/nowhere").get_json()


def test_the_same_request_twice_has_one_answer_and_with_another_body_none(client):
    envelope = alexa().intent("find_products", {"product_query": "milk"})
    first, second = (client.post("/alexa", json=envelope) for _ in range(2))
    assert first.get_json() == second.get_json()
    envelope["request"]["intent"]["slots"]["product_query"]["value"] = "bread"
    assert 400 == client.post("/alexa", json=envelope).status_code


def test_every_answer_has_the_headers_that_keep_it_where_it_belongs(client):
    headers = client.get("/healthz").headers
    assert ("nosniff", "no-store", "DENY") == (
        headers["X-Content-Type-Options"],
        headers["Cache-Control"],
        headers["X-Frame-Options"],
    )
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_webhooks_answer_is_neither_kept_nor_guessed_at(client):
    headers = client.post("/alexa", json=alexa().launch()).headers
    assert ("nosniff", "no-store") == (headers["X-Content-Type-Options"], headers["Cache-Control"])


def test_what_a_form_could_post_is_answered_with_the_headers_of_a_page(client):
    headers = client.post("/alexa", data="{}", content_type="text/plain").headers
    assert "DENY" == headers["X-Frame-Options"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_page_that_says_more_of_itself_is_not_contradicted(client):
    headers = client.get("/").headers
    assert 1 == len(headers.getlist("Content-Security-Policy"))
    assert 1 == len(headers.getlist("Cache-Control"))


def test_before_it_serves_the_collector_is_told_what_stays():
    threshold = gc.get_threshold()
    try:
        web.settle_memory()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > threshold[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)


def test_other_scripts_are_answered_in_their_own_letters(app_with, monkeypatch):
    from skill.turn import Reply

    monkeypatch.setattr(App, "answer", lambda self, turn: Reply("Γάλα"))
    answer = create_app(app_with()).test_client().post("/alexa", json=alexa().launch())
    assert "Γάλα".encode() in answer.data


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_nobody_foresaw_is_an_id_in_the_log_and_no_stack_trace(app_with, monkeypatch, caplog, platform):
    def fail(self, turn):
        raise ZeroDivisionError("the secret is 4271")

    monkeypatch.setattr(App, "answer", fail)
    envelopes = envelopes_for(platform, SIMULATED_USER, locale="en-US", now=lambda: NOW)
    with caplog.at_level(logging.ERROR, logger="skill.web"):
        answer = create_app(app_with()).test_client().post(envelopes.path, json=envelopes.launch())
    incident = answer.get_json()["incident"]
    assert (500, {"error": "internal error", "incident": incident}) == (answer.status_code, answer.get_json())
    assert incident in caplog.text
    assert b"4271" not in answer.data


def test_health_names_the_catalogue(client):
    answer = client.get("/healthz")
    assert 200 == answer.status_code
    health = answer.get_json()
    assert {"ok": True, "store": True, "catalogue": health["catalogue"]} == health
    assert health["catalogue"]


@pytest.mark.parametrize(
    ("touched", "said"),
    [
        (("choose", 2), ("choose_item", {"ordinal": "2"})),
        (("more",), ("more_results", {})),
        (("cart",), ("show_cart", {})),
    ],
)
def test_touching_does_what_saying_does(client, touched, said):
    def heard_after(act):
        shopper = alexa(screen=True, device=str(touched))
        client.post("/alexa", json=shopper.launch())
        client.post("/alexa", json=shopper.intent("find_products", {"product_query": "milk"}))
        return client.post("/alexa", json=act(shopper)).get_json()["response"]

    by_touch = heard_after(lambda shopper: shopper.touch(*touched))
    by_voice = heard_after(lambda shopper: shopper.intent(*said))
    assert by_voice["outputSpeech"] == by_touch["outputSpeech"]
    # A slot is elicited from who speaks alone: there Amazon has a dialog that goes on.
    shown = [each for each in by_voice.get("directives", []) if each["type"] != "Dialog.ElicitSlot"]
    assert shown == by_touch.get("directives", [])


def test_a_start_compiles_no_address(app_with, monkeypatch):
    compiled = []
    compile_builder = Rule._compile_builder
    monkeypatch.setattr(
        Rule, "_compile_builder", lambda rule, *how: compiled.append(rule) or compile_builder(rule, *how)
    )
    client = create_app(app_with()).test_client()
    assert [] == compiled
    assert 200 == client.get("/sign-in").status_code
    assert 0 < len(compiled) < 10


def test_without_a_catalogue_the_store_is_not_healthy(app_with):
    app = app_with()
    (app.settings.data_dir / "catalogue.index").unlink()
    answer = create_app(app).test_client().get("/healthz")
    assert (503, {"ok": False, "catalogue": None, "store": True}) == (answer.status_code, answer.get_json())


def test_without_its_database_the_store_is_not_healthy(app_with, monkeypatch):
    app = app_with()

    def fail(owner):
        raise StorageError("disk gone")

    monkeypatch.setattr(app.ports.carts, "load", fail)
    answer = create_app(app).test_client().get("/healthz")
    assert 503 == answer.status_code
    assert {"ok": False, "store": False}.items() <= answer.get_json().items()


@pytest.mark.parametrize("unset", ["SAYSO_SKILL_ID", "SAYSO_DIALOGFLOW_SECRET"])
def test_on_loopback_the_log_says_what_is_not_checked(app_with, caplog, unset):
    with caplog.at_level(logging.WARNING, logger="skill.web"):
        create_app(app_with())
    assert 1 == caplog.text.count(f"{unset} is not set")


def test_the_log_says_once_that_nobody_is_charged(app_with, caplog):
    with caplog.at_level(logging.WARNING, logger="skill"):
        create_app(app_with())
    assert 1 == caplog.text.count("payments are a demonstration: every order counts as paid, and nobody is charged")


def test_of_a_provider_that_was_given_nothing_is_said(sample_store, tmp_path, caplog):
    shutil.copytree(sample_store, tmp_path / "data")
    settings = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "data" / "keys")
    database = Database(tmp_path / "bank.db")
    app = build_app(settings, payments=DemoPayments(database))
    with caplog.at_level(logging.WARNING, logger="skill"):
        create_app(app)
    app.close()
    database.close()
    assert "demonstration" not in caplog.text


def test_an_unchecked_server_answers_to_this_machines_names_alone(client):
    for host in ("localhost:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]"):
        assert 200 == client.get("/healthz", headers={"Host": host}).status_code
    for host in ("shop.example", "tunnel.example:443", "127.0.0.1.evil.example", "10.0.0.1:8080"):
        assert 403 == client.post("/alexa", json=alexa().launch(), headers={"Host": host}).status_code


#: What a proxy says of whom it asks for. nginx says it of nobody unless it is told to, hence the other rules.
FORWARDED = [
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-Host": "shop.example"},
    {"X-Real-IP": "203.0.113.9"},
    {"Forwarded": "for=203.0.113.9"},
    {"Via": "1.1 proxy"},
]


@pytest.mark.parametrize("forwarded", FORWARDED)
def test_an_unchecked_server_answers_to_no_proxy_of_its_own_machine(client, forwarded):
    assert 403 == client.post("/alexa", json=alexa().launch(), headers=forwarded).status_code
    assert 403 == client.get("/", headers=forwarded).status_code


def test_the_simulator_is_served_on_loopback_and_nowhere_else(app_with):
    assert 200 == create_app(app_with()).test_client().get("/").status_code
    others = create_app(app_with(host="0.0.0.0", skill_id=SKILL_ID)).test_client()
    assert 404 == others.get("/").status_code


#: Settings with which a server on loopback is one for others, who come through a proxy.
FOR_OTHERS = [
    {"skill_id": SKILL_ID},
    {"dialogflow_secret": "s"},
    {"google_account": "service@example", "public_url": "https://shop.example"},
    {"public_url": "https://shop.example"},
    {"skill_id": SKILL_ID, "dialogflow_secret": "s"},
]


@pytest.mark.parametrize("values", FOR_OTHERS)
def test_a_server_for_others_has_no_simulator_on_loopback_either(app_with, values):
    served = create_app(app_with(**values)).test_client()
    for forwarded in ({}, {"X-Forwarded-For": "203.0.113.9"}):
        assert 404 == served.get("/", headers=forwarded).status_code
        assert 404 == served.post("/simulator/say", headers=forwarded).status_code


@pytest.mark.parametrize("values", FOR_OTHERS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_server_for_others_serves_nothing_unchecked_on_loopback_either(app_with, values, platform):
    envelopes = envelopes_for(platform, SIMULATED_USER, locale="en-US", now=lambda: NOW)
    answer = create_app(app_with(**values)).test_client().post(envelopes.path, json=envelopes.launch())
    assert answer.status_code in (400, 401, 404)


@pytest.mark.parametrize("values", FOR_OTHERS)
def test_a_server_for_others_answers_to_the_name_that_they_know_it_by(app_with, values):
    served = create_app(app_with(**values)).test_client()
    assert 200 == served.get("/healthz", headers={"Host": "shop.example", "X-Forwarded-For": "203.0.113.9"}).status_code


@pytest.mark.parametrize("forwarded", FORWARDED)
def test_a_simulator_that_was_asked_for_answers_to_no_proxy(app_with, forwarded):
    served = create_app(app_with(skill_id=SKILL_ID, dialogflow_secret="s", simulator="on")).test_client()
    assert 200 == served.get("/").status_code
    assert 404 == served.get("/", headers=forwarded).status_code
    assert 404 == served.post("/simulator/say", headers=forwarded).status_code


def test_the_simulator_can_be_left_out(app_with):
    assert 404 == create_app(app_with(simulator="off")).test_client().get("/").status_code


def test_a_server_for_others_needs_a_skill_id_or_a_secret(app_with):
    with pytest.raises(SettingsInvalid, match="SAYSO_SKILL_ID"):
        create_app(app_with(host="0.0.0.0"))


def test_a_platform_that_cannot_be_checked_is_not_served_to_others(app_with):
    for_alexa = create_app(app_with(host="0.0.0.0", skill_id=SKILL_ID)).test_client()
    assert [404] * 3 == [for_alexa.post(path_of(each), json={}).status_code for each in GOOGLES]
    for_dialogflow = create_app(app_with(host="0.0.0.0", dialogflow_secret="s")).test_client()
    assert 404 == for_dialogflow.post("/alexa", json={}).status_code


# --- signed requests ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["0.0.0.0", "127.0.0.1"])
def signed_client(app_with, request):
    """A server that was told its skill's id: signatures count, on loopback too."""
    chain = Chain()
    verifier = AlexaVerifier(now=lambda: NOW, roots=[chain.root], fetch=lambda url: chain.pem())
    return create_app(app_with(host=request.param, skill_id=SKILL_ID), verifier=verifier).test_client()


def post_signed(client, envelope, *, signature=None, **headers):
    body = json.dumps(envelope, ensure_ascii=False).encode()
    sent = {"Signature-256": signature or sign(body), "SignatureCertChainUrl": URL} | headers
    return client.post("/alexa", data=body, content_type="application/json", headers=sent)


def test_a_signed_request_is_answered(signed_client):
    answer = post_signed(signed_client, alexa(skill_id=SKILL_ID).intent("find_products", {"product_query": "γάλα"}))
    assert 200 == answer.status_code


def test_an_unsigned_request_is_refused(signed_client):
    answer = signed_client.post("/alexa", json=alexa(skill_id=SKILL_ID).launch())
    assert (400, {"error": "Signature-256 is missing"}) == (answer.status_code, answer.get_json())


@pytest.mark.parametrize(("age_s", "status"), [(0, 200), (149, 200), (151, 400), (-151, 400)])
def test_a_request_151_seconds_old_is_refused(signed_client, age_s, status):
    old = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID, now=lambda: NOW - timedelta(seconds=age_s))
    assert status == post_signed(signed_client, old.launch()).status_code


def test_a_skill_event_may_be_an_hour_old(signed_client):
    late = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID, now=lambda: NOW - timedelta(seconds=3599))
    answer = post_signed(signed_client, late.event("AlexaSkillEvent.SkillEnabled"))
    assert (200, {}) == (answer.status_code, answer.get_json()["response"])


def test_another_skills_signed_request_is_refused(signed_client):
    answer = post_signed(signed_client, alexa(skill_id="amzn1.ask.skill.theirs").launch())
    assert (400, {"error": "the request is for another skill"}) == (answer.status_code, answer.get_json())


def test_another_requests_signature_is_refused(signed_client):
    assert 400 == post_signed(signed_client, alexa(skill_id=SKILL_ID).launch(), signature=sign(b"{}")).status_code


def test_a_certificate_elsewhere_is_refused(signed_client):
    envelope = alexa(skill_id=SKILL_ID).launch()
    answer = post_signed(signed_client, envelope, SignatureCertChainUrl="http://s3.amazonaws.com/echo.api/x.pem")
    assert 400 == answer.status_code


# --- Dialogflow off loopback ----------------------------------------------------------------------------------------------

SECRET = "s3cret"
USER_KEY = "k" * 32


@pytest.fixture
def dialogflow_client(app_with):
    app = app_with(host="0.0.0.0", dialogflow_secret=SECRET, dialogflow_user_key=USER_KEY)
    return create_app(app).test_client()


@pytest.mark.parametrize("platform", GOOGLES)
@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"X-Sayso-Secret": "wrong"}, 403), ({"X-Sayso-Secret": SECRET}, 200)]
)
def test_googles_webhooks_must_know_the_secret(dialogflow_client, platform, headers, status):
    envelopes = envelopes_for(platform, "ada", locale="en-US", now=lambda: NOW)
    assert status == dialogflow_client.post(envelopes.path, json=envelopes.launch(), headers=headers).status_code


@pytest.mark.parametrize("platform", GOOGLES)
def test_a_signed_user_shops_and_a_forged_one_is_refused(dialogflow_client, platform):
    claims = {"sub": SIMULATED_USER, "aud": "corner-store", "exp": int(NOW.timestamp()) + 60}
    for key, status in ((USER_KEY, 200), ("x" * 32, 400)):
        envelopes = envelopes_for(platform, "tab-1", locale="en-US", now=lambda: NOW)
        envelopes.token = jwt.encode(claims, key, "HS256")
        answer = dialogflow_client.post(envelopes.path, json=envelopes.launch(), headers={"X-Sayso-Secret": SECRET})
        assert status == answer.status_code


@pytest.mark.parametrize("platform", GOOGLES)
def test_a_guest_may_look_round_and_not_order(dialogflow_client, platform):
    envelopes = envelopes_for(platform, "nobody", locale="en-US", now=lambda: NOW)
    post = partial(dialogflow_client.post, envelopes.path, headers={"X-Sayso-Secret": SECRET})
    for intent, slots in (("find_products", {"product_query": "bananas"}), ("add_to_cart", {"ordinal": "1"})):
        envelopes.heard(post(json=envelopes.intent(intent, slots)).get_json())
    assert "not linked" in envelopes.heard(post(json=envelopes.intent("check_out")).get_json()).speech


def test_googles_signature_takes_the_place_of_the_secret(app_with):
    app = app_with(
        host="0.0.0.0",
        public_url="https://store.example",
        google_account="service-1@gcp-sa-dialogflow.iam.gserviceaccount.com",
    )
    served = create_app(app).test_client()
    for path in PATHS[1:]:
        assert 401 == served.post(path, json={}).status_code


def test_a_user_key_that_can_be_guessed_stops_the_start(app_with):
    with pytest.raises(SettingsInvalid, match="SAYSO_DIALOGFLOW_USER_KEY"):
        create_app(app_with(dialogflow_secret=SECRET, dialogflow_user_key="short"))


@pytest.mark.parametrize("what", ["full", "read-only", "gone"])
def test_without_room_on_its_disk_the_store_is_not_healthy(app_with, monkeypatch, what):
    client = create_app(app_with()).test_client()
    assert 200 == client.get("/healthz").status_code
    real = os.statvfs("/")

    def statvfs(path):
        if what == "gone":
            raise FileNotFoundError(path)
        values = list(real)
        values[4] = 0 if what == "full" else 10**9  # blocks that are free for us
        values[8] = os.ST_RDONLY if what == "read-only" else 0
        return os.statvfs_result(values)

    monkeypatch.setattr(os, "statvfs", statvfs)
    answer = client.get("/healthz")
    assert 503 == answer.status_code
    assert {"ok": False, "store": False}.items() <= answer.get_json().items()


def test_a_browser_is_told_of_an_address_that_there_is_not_on_a_page(client):
    asked = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = client.get("/nope", headers=asked)
    assert (404, "text/html") == (page.status_code, page.mimetype)
    assert "There is no such page here." in page.get_data(as_text=True)
    assert 'href="/sign-in"' in page.get_data(as_text=True)
    assert {"error": "Not Found"} == client.get("/nope").get_json()
    assert {"error": "Not Found"} == client.post("/nope", headers=asked).get_json()
