from __future__ import annotations

from dataclasses import replace

import pytest

from skill.errors import SettingsInvalid
from skill.settings import check_together, read_settings
from skill.speech.render import spoken_locales

KEYS = {
    "SAYSO_ACCOUNT_ISSUER": "https://id.shop.example",
    "SAYSO_ACCOUNT_AUDIENCE": "sayso",
    "SAYSO_ACCOUNT_KEYS_URL": "https://id.shop.example/keys",
}
ASKING = {
    "SAYSO_ACCOUNT_AUDIENCE": "sayso",
    "SAYSO_ACCOUNT_INTROSPECTION_URL": "https://id.shop.example/introspect",
    "SAYSO_ACCOUNT_CLIENT_ID": "c",
    "SAYSO_ACCOUNT_CLIENT_SECRET": "s3cret",
}


def test_accounts_are_checked_by_keys_or_by_asking():
    assert "https://id.shop.example/keys" == read_settings(KEYS).account_keys_url
    assert "https://id.shop.example/introspect" == read_settings(ASKING).account_introspection_url
    assert "s3cret" not in repr(read_settings(ASKING))


@pytest.mark.parametrize("missing", [*KEYS, *ASKING])
def test_half_a_way_is_refused(missing):
    for way in (KEYS, ASKING):
        left = {name: value for name, value in way.items() if name != missing}
        if left != way:
            with pytest.raises(SettingsInvalid, match=missing):
                read_settings(left)


def test_both_ways_at_once_are_refused():
    with pytest.raises(SettingsInvalid, match="SAYSO_ACCOUNT"):
        read_settings(KEYS | ASKING)


@pytest.mark.parametrize("url", ["http://id.shop.example/keys", "id.shop.example", "https://"])
def test_keys_come_over_https_alone(url):
    with pytest.raises(SettingsInvalid, match="SAYSO_ACCOUNT_KEYS_URL"):
        read_settings(KEYS | {"SAYSO_ACCOUNT_KEYS_URL": url})


def test_googles_account_needs_the_servers_own_address():
    account = {"SAYSO_GOOGLE_ACCOUNT": "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com"}
    with pytest.raises(SettingsInvalid, match="SAYSO_PUBLIC_URL"):
        read_settings(account)
    with pytest.raises(SettingsInvalid, match="SAYSO_PUBLIC_URL"):
        read_settings(account | {"SAYSO_PUBLIC_URL": "http://store.example"})
    settings = read_settings(account | {"SAYSO_PUBLIC_URL": "https://store.example/"})
    assert ("https://store.example", True) == (settings.public_url, settings.checks_google)


def test_order_updates_need_both_halves_of_the_skills_credentials():
    client = {"SAYSO_ALEXA_CLIENT_ID": "c", "SAYSO_ALEXA_CLIENT_SECRET": "s3cret"}
    assert "s3cret" not in repr(read_settings(client))
    for name in client:
        with pytest.raises(SettingsInvalid, match=name):
            read_settings({name: "x"})


def test_what_secrets_manager_holds_need_not_be_in_a_variable():
    on_aws = {"SAYSO_TABLE": "t", "SAYSO_SECRET": "master,account"}
    asking = {name: value for name, value in ASKING.items() if name != "SAYSO_ACCOUNT_CLIENT_SECRET"}

    read = read_settings(on_aws | asking | {"SAYSO_ALEXA_CLIENT_ID": "id"})

    with pytest.raises(SettingsInvalid, match="SAYSO_ALEXA_CLIENT_SECRET"):
        check_together(replace(read, account_client_secret="held"))
    with pytest.raises(SettingsInvalid, match="to link accounts"):
        check_together(replace(read, alexa_client_secret="held"))
    check_together(replace(read, alexa_client_secret="held", account_client_secret="held"))


def test_a_secrets_name_without_a_table_holds_nothing():
    with pytest.raises(SettingsInvalid, match="SAYSO_ALEXA_CLIENT_SECRET"):
        read_settings({"SAYSO_SECRET": "account", "SAYSO_ALEXA_CLIENT_ID": "id"})


def test_the_simulator_is_asked_for_or_left_out_by_name():
    assert ["", "on", "off"] == [read_settings({"SAYSO_SIMULATOR": each}).simulator for each in ("", "on", "OFF")]
    with pytest.raises(SettingsInvalid, match="SAYSO_SIMULATOR is 'yes'; it must be on or off"):
        read_settings({"SAYSO_SIMULATOR": "yes"})


def test_the_simulator_is_never_on_an_address_that_others_reach():
    with pytest.raises(SettingsInvalid, match="SAYSO_SIMULATOR is on, and the server is to listen"):
        read_settings({"SAYSO_SIMULATOR": "on", "SAYSO_HOST": "0.0.0.0"})


@pytest.mark.parametrize(
    ("variables", "served"),
    [
        ({}, True),
        ({"SAYSO_SIMULATOR": "off"}, False),
        ({"SAYSO_HOST": "0.0.0.0"}, False),
        ({"SAYSO_SKILL_ID": "s"}, False),
        ({"SAYSO_DIALOGFLOW_SECRET": "s"}, False),
        ({"SAYSO_PUBLIC_URL": "https://store.example"}, False),
        ({"SAYSO_SKILL_ID": "s", "SAYSO_SIMULATOR": "on"}, True),
    ],
)
def test_who_serves_others_serves_no_simulator_unasked(variables, served):
    assert served == read_settings(variables).serves_simulator


@pytest.mark.parametrize("named", ["stripe", "Demo", "none"])
def test_payments_that_there_are_not_are_refused(named):
    with pytest.raises(SettingsInvalid, match=f"SAYSO_PAYMENT is '{named}'; there is demo alone, which charges nobody"):
        read_settings({"SAYSO_PAYMENT": named})


def test_payments_are_a_demonstration_unless_told():
    assert ["demo", "demo", "demo"] == [
        read_settings(each).payment for each in ({}, {"SAYSO_PAYMENT": ""}, {"SAYSO_PAYMENT": " demo "})
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", "en-US"),
        ("it-IT", "it-IT"),
        ("it_IT", "it-IT"),
        ("IT-it", "it-IT"),
        (" kk-KZ ", "kk-KZ"),
        ("it", "it-IT"),
        ("en", "en-US"),
        ("en-AU", "en-AU"),  # spoken as another English
    ],
)
def test_the_locale_is_taken_however_it_is_written(written, meant):
    assert meant == read_settings({"SAYSO_LOCALE": written}).locale


@pytest.mark.parametrize("written", ["xx-YY", "de-DE", "english", "it-IT-IT", "-", "en-"])
def test_a_locale_that_nobody_speaks_is_refused(written):
    languages = sorted({each.partition("-")[0] for each in spoken_locales()})
    told = f"SAYSO_LOCALE is '{written}'; it must be a locale such as it-IT, in one of {', '.join(languages)}"
    with pytest.raises(SettingsInvalid, match=told):
        read_settings({"SAYSO_LOCALE": written})
