"""Settings: read once, from SAYSO_* variables, into one frozen object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from skill.errors import SettingsInvalid

#: Where skills that are live in North America send events; a skill in development has /stages/development behind it.
ALEXA_EVENTS_URL = "https://api.amazonalexa.com/v1/proactiveEvents"


_SPEECH = Path(__file__).parent / "speech"
_REGION = re.compile(r"[A-Za-z]{2}|[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs from one installation to the next.

    `data_dir` holds the databases, the catalogue index and the store's `store.yaml`; `keys_dir` the secrets, which must not lie
    in the same backup as the database. `skill_id` is Alexa's; without it only a server for this machine alone takes requests.
    `dialogflow_secret` is what the `X-Sayso-Secret` header of Google's webhooks must carry, and
    `dialogflow_user_key` the key with which an integrator signs `sayso_user`. Google's own signature counts as well where
    `google_account`, the email of its service agent, is set with `public_url`, the https address that others know this server by.
    `account_...` say how the tokens of linked accounts are checked: by the keys at `account_keys_url`, or by asking at
    `account_introspection_url`. With `alexa_client_id` and `alexa_client_secret` order updates go to Alexa devices, through the
    Proactive Events address `alexa_events_url`. `webhook_url` is where the shop takes its orders, signed with `webhook_secret`
    (Standard Webhooks, `whsec_...`). `payment` names the payment adapter: there is `demo` alone, which charges nobody.
    `simulator` is `on` or `off`, or empty: on where nobody outside this machine is served.

    The pages ask for a passphrase of their own, or with `sign_in_issuer` for a sign-in there (OpenID Connect) as the client
    `sign_in_client_id`; `sign_in_client_secret` is empty for a public one. Owners are the addresses in `sign_in_owners`, with
    commas between them, and whoever has `sign_in_owners_group` in the claim `sign_in_groups_claim`.

    With `table`, a DynamoDB table's name, everything but the catalogue and `store.yaml` is kept on AWS, in the region that AWS's
    own variables name. `secret` names the secrets in Secrets Manager, with commas between them, that then hold `master`, the key
    of all keys, and whichever of the secrets above the deployment has; `anchors_bucket` is where the audit chains' heads are
    noted, `catalogue_bucket` is where published catalogues lie, and `bus` the EventBridge bus for notices.
    """

    data_dir: Path
    keys_dir: Path
    host: str = "127.0.0.1"
    port: int = 8080
    skill_id: str = ""
    dialogflow_secret: str = field(default="", repr=False)
    dialogflow_user_key: str = field(default="", repr=False)
    public_url: str = ""
    google_account: str = ""
    account_issuer: str = ""
    account_audience: str = ""
    account_keys_url: str = ""
    account_introspection_url: str = ""
    account_client_id: str = ""
    account_client_secret: str = field(default="", repr=False)
    alexa_client_id: str = ""
    alexa_client_secret: str = field(default="", repr=False)
    alexa_events_url: str = ALEXA_EVENTS_URL
    sign_in_issuer: str = ""
    sign_in_client_id: str = ""
    sign_in_client_secret: str = field(default="", repr=False)
    sign_in_owners: str = ""
    sign_in_owners_group: str = ""
    sign_in_groups_claim: str = "cognito:groups"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    payment: str = "demo"
    locale: str = "en-US"
    simulator: str = ""
    table: str = ""
    secret: str = ""
    master: str = field(default="", repr=False)
    anchors_bucket: str = ""
    catalogue_bucket: str = ""
    bus: str = ""

    @property
    def checks_google(self) -> bool:
        """Whether a call of Dialogflow's or Actions Builder's can be told from anybody else's."""
        return bool(self.dialogflow_secret or self.google_account)

    @property
    def serves_others(self) -> bool:
        """Whether requests come from other machines. On loopback a proxy brings them, and nothing else in them need tell so."""
        return not self.on_loopback or bool(self.skill_id or self.checks_google or self.public_url)

    @property
    def serves_simulator(self) -> bool:
        """Unasked only where nobody else is served: who reaches the simulator orders for every household, without its code."""
        return self.on_loopback and (self.simulator == "on" or (not self.simulator and not self.serves_others))

    @property
    def on_loopback(self) -> bool:
        """Whether the server listens to this machine alone. A proxy on it may still bring requests from others."""
        if self.host == "localhost":
            return True
        try:
            return _is_loopback(self.host)
        except ValueError:
            return False


def read_settings(variables: Mapping[str, str], **overrides: object) -> Settings:
    """The settings in `variables` (usually `os.environ`), with `overrides` that are not None put over them.

    Raises `SettingsInvalid`, naming the variable and what would be right.
    """
    data_dir = Path(str(overrides.get("data_dir") or variables.get("SAYSO_DATA_DIR") or ".data"))
    values: dict[str, object] = {
        "data_dir": data_dir,
        "keys_dir": Path(variables.get("SAYSO_KEYS_DIR") or data_dir / "keys"),
        "host": variables.get("SAYSO_HOST") or "127.0.0.1",
        "port": _port(variables.get("SAYSO_PORT") or "8080"),
        "skill_id": variables.get("SAYSO_SKILL_ID", "").strip(),
        "dialogflow_secret": variables.get("SAYSO_DIALOGFLOW_SECRET", "").strip(),
        "dialogflow_user_key": variables.get("SAYSO_DIALOGFLOW_USER_KEY", "").strip(),
        "public_url": _public_url(variables.get("SAYSO_PUBLIC_URL", "").strip()),
        "google_account": variables.get("SAYSO_GOOGLE_ACCOUNT", "").strip(),
        **{name: variables.get(f"SAYSO_{name.upper()}", "").strip() for name in _ACCOUNT},
        "alexa_client_id": variables.get("SAYSO_ALEXA_CLIENT_ID", "").strip(),
        "alexa_client_secret": variables.get("SAYSO_ALEXA_CLIENT_SECRET", "").strip(),
        "alexa_events_url": variables.get("SAYSO_ALEXA_EVENTS_URL", "").strip() or ALEXA_EVENTS_URL,
        **{name: variables.get(f"SAYSO_{name.upper()}", "").strip() for name in _SIGN_IN},
        "sign_in_groups_claim": variables.get("SAYSO_SIGN_IN_GROUPS_CLAIM", "").strip() or "cognito:groups",
        "webhook_url": variables.get("SAYSO_WEBHOOK_URL", "").strip(),
        "webhook_secret": variables.get("SAYSO_WEBHOOK_SECRET", "").strip(),
        "payment": _payment(variables.get("SAYSO_PAYMENT", "").strip() or "demo"),
        "locale": _locale(variables.get("SAYSO_LOCALE", "").strip() or "en-US"),
        "simulator": _on_or_off("SAYSO_SIMULATOR", variables.get("SAYSO_SIMULATOR", "")),
        "table": variables.get("SAYSO_TABLE", "").strip(),
        "secret": variables.get("SAYSO_SECRET", "").strip(),
        "anchors_bucket": variables.get("SAYSO_ANCHORS_BUCKET", "").strip(),
        "catalogue_bucket": variables.get("SAYSO_CATALOGUE_BUCKET", "").strip(),
        "bus": variables.get("SAYSO_BUS", "").strip(),
    }
    values |= {name: value for name, value in overrides.items() if value is not None and name != "data_dir"}
    if values["google_account"] and not values["public_url"]:
        raise SettingsInvalid(
            "SAYSO_GOOGLE_ACCOUNT is set, and SAYSO_PUBLIC_URL is not; it must be this server's own https address, "
            "which Google's signature names"
        )
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.simulator == "on" and not settings.on_loopback:
        raise SettingsInvalid(
            f"SAYSO_SIMULATOR is on, and the server is to listen at {settings.host}; it is served at 127.0.0.1 alone"
        )
    if not (settings.table and settings.secret):  # otherwise part of them is still to come, from Secrets Manager
        check_together(settings)
    return settings


def check_together(settings: Settings) -> None:
    """Raises `SettingsInvalid` where settings that mean something together are not all there."""
    if bool(settings.alexa_client_id) != bool(settings.alexa_client_secret):
        raise SettingsInvalid(
            "set both SAYSO_ALEXA_CLIENT_ID and SAYSO_ALEXA_CLIENT_SECRET for order updates, or neither"
        )
    _check_account({name: getattr(settings, name) for name in _ACCOUNT})
    _check_sign_in({name: getattr(settings, name) for name in _SIGN_IN})


_BY_KEYS = ("account_issuer", "account_audience", "account_keys_url")
_BY_ASKING = ("account_audience", "account_introspection_url", "account_client_id", "account_client_secret")
_ACCOUNT = tuple(dict.fromkeys(_BY_KEYS + _BY_ASKING))


def _check_account(values: Mapping[str, str]) -> None:
    """Linked accounts are checked in one of two ways, wholly, or not at all."""
    given = {name for name, value in values.items() if value}
    if given not in (set(), set(_BY_KEYS), set(_BY_ASKING)):
        ways = (" and ".join(f"SAYSO_{name.upper()}" for name in way) for way in (_BY_KEYS, _BY_ASKING))
        raise SettingsInvalid(f"to link accounts, set either {', or '.join(ways)}, and no others of these")
    for name in ("account_keys_url", "account_introspection_url"):
        parts = urlsplit(values[name])
        if values[name] and (parts.scheme != "https" or not parts.hostname):
            raise SettingsInvalid(f"SAYSO_{name.upper()} is {values[name]!r}; it must be an https address")


_SIGN_IN = ("sign_in_issuer", "sign_in_client_id", "sign_in_client_secret", "sign_in_owners", "sign_in_owners_group")


def _check_sign_in(values: Mapping[str, str]) -> None:
    """An issuer and a client id, or neither; the rest means nothing without them."""
    issuer, client_id, *rest = (values[name] for name in _SIGN_IN)
    if bool(issuer) != bool(client_id) or (not issuer and any(rest)):
        raise SettingsInvalid(
            "to sign in to the pages elsewhere, set both SAYSO_SIGN_IN_ISSUER and SAYSO_SIGN_IN_CLIENT_ID; "
            "the other SAYSO_SIGN_IN_... mean nothing without them"
        )
    if issuer and not is_safe_address(issuer):
        raise SettingsInvalid(
            f"SAYSO_SIGN_IN_ISSUER is {issuer!r}; it must be an https address such as https://sign-in.example"
        )


def is_safe_address(url: str) -> bool:
    """An https address without a query, or an http one of this very machine, where there is nobody to listen."""
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        return False
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and (parts.hostname == "localhost" or _is_loopback(parts.hostname))
    except ValueError:
        return False


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise SettingsInvalid(
            f"SAYSO_PUBLIC_URL is {text!r}; it must be an https address such as https://store.example"
        )
    return text.rstrip("/")


def _on_or_off(name: str, text: str) -> str:
    said = text.strip().lower()
    if said not in ("", "on", "off"):
        raise SettingsInvalid(f"{name} is {text!r}; it must be on or off")
    return said


def _payment(text: str) -> str:
    """A name that nothing stands behind is refused: orders would count as paid, and nobody would have been charged."""
    if text != "demo":
        raise SettingsInvalid(
            f"SAYSO_PAYMENT is {text!r}; there is demo alone, which charges nobody. Leave it out to try the store, or write an "
            "adapter of Payments (skill/ports.py) for your provider, and give it to build_app (skill/app.py)"
        )
    return text


def _locale(text: str) -> str:
    """`it_IT`, `IT-it` → `it-IT`; `it` → the locale of that language; `en-AU` is spoken as another English.

    A language is one when there are words for it, as everywhere (docs/languages.md).
    """
    spoken = sorted(path.stem for path in _SPEECH.glob("*.ftl"))
    language, dash, region = text.replace("_", "-").partition("-")
    near = [each for each in spoken if each.partition("-")[0] == language.lower()]
    if not near or (dash and not _REGION.fullmatch(region)):
        languages = ", ".join(dict.fromkeys(each.partition("-")[0] for each in spoken))
        raise SettingsInvalid(f"SAYSO_LOCALE is {text!r}; it must be a locale such as it-IT, in one of {languages}")
    return f"{language.lower()}-{region.upper()}" if dash else near[-1]


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsInvalid(f"SAYSO_PORT is {text!r}; it must be a number from 1 to 65535")
    return int(text)


def _is_loopback(address: str) -> bool:
    """Raises `ValueError` for what is no address."""
    from ipaddress import ip_address  # a function on AWS serves no address and does without it

    return ip_address(address).is_loopback
