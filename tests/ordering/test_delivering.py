"""The shop gets the order: signed as Standard Webhooks say, in order, retried, given up at last."""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from skill.adapters.local.webhook import HttpWebhook
from skill.app import App, build_app
from skill.background import Background
from skill.cli.demo import DEMO_HOUSEHOLD, ensure_demo_household
from skill.errors import SettingsInvalid
from skill.ordering.delivering import RETRY_AFTER_S, deliver, read_secret
from skill.ordering.undoing import undo_order
from skill.settings import Settings
from skill.simulator.talk import talk_in_process

SECRET = b"a secret of thirty-two bytes....".ljust(32, b".")
TEXT = "whsec_" + base64.b64encode(SECRET).decode()


class Shop(BaseHTTPRequestHandler):
    """The shop's server: keeps what it is sent, and answers what the test told it to."""

    taken: list[tuple[dict[str, str], bytes]]
    statuses: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(type(self).statuses.pop(0) if type(self).statuses else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    Shop.taken, Shop.statuses = [], []
    server = HTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/orders"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def app(sample_store: Path, tmp_path: Path) -> Iterator[App]:
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    ensure_demo_household(app)
    yield app
    app.close()


def order(app: App) -> None:
    user = next(user for platform, user in app.ports.households.linked(DEMO_HOUSEHOLD) if platform == "alexa")
    talk = talk_in_process(app, "alexa", user)
    for words in ("find bananas", "add two of the first one", "check out", "4271"):
        talk.say(words)
    assert "Done" in talk.last.heard.speech  # type: ignore[union-attr]


def later(**more: float) -> datetime:
    return datetime.now(UTC) + timedelta(**more)


def test_an_order_is_posted_with_a_signature_that_the_shop_can_check(app: App, shop: str) -> None:
    order(app)
    now = later()
    assert 1 == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now).delivered
    ((headers, body),) = Shop.taken
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET, signed, "sha256")).decode()
    assert f"v1,{expected}" == headers["webhook-signature"]
    assert int(now.timestamp()) == int(headers["webhook-timestamp"])
    event = json.loads(body)
    assert "order.placed" == event["type"]
    assert 537 == event["data"]["total"]["amount"]
    assert 0 == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, later()).delivered


def test_what_is_not_taken_comes_again_later_with_the_same_id(app: App, shop: str) -> None:
    order(app)
    Shop.statuses = [503]
    now = later()
    assert 1 == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now).failed
    assert (
        0
        == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now + timedelta(seconds=RETRY_AFTER_S[0] - 1)).delivered
    )
    assert (
        1 == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now + timedelta(seconds=RETRY_AFTER_S[0])).delivered
    )
    assert 1 == len({headers["webhook-id"] for headers, _ in Shop.taken})


def test_a_cancellation_waits_for_its_order(app: App, shop: str) -> None:
    order(app)
    undo_order(app.ports, app.ports.orders.recent(DEMO_HOUSEHOLD, 1)[0], "voice", later())
    Shop.statuses = [500]
    now = later()
    deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now)
    deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now + timedelta(seconds=6))
    deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now + timedelta(seconds=7))
    assert ["order.placed", "order.placed", "order.cancelled"] == [json.loads(body)["type"] for _, body in Shop.taken]


def test_what_is_never_taken_becomes_a_dead_letter_that_can_be_revived(app: App, shop: str) -> None:
    order(app)
    now = later()
    for wait in (0, *RETRY_AFTER_S):
        Shop.statuses = [500]
        now += timedelta(seconds=wait)
        last = deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now)
    assert 1 == last.dead
    (dead,) = app.ports.outbox.list(10, "dead")
    assert (len(RETRY_AFTER_S) + 1, "HTTP 500") == (dead.attempts, dead.last_error)
    app.ports.outbox.retry(dead.event_id, now)
    assert 1 == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, now).delivered


def test_a_redirect_is_not_followed(app: App, shop: str) -> None:
    order(app)
    Shop.statuses = [302]
    assert 1 == deliver(app.ports.outbox, HttpWebhook(shop), SECRET, later()).failed
    assert 1 == len(Shop.taken)


def test_a_shop_that_is_not_there_is_tried_again(app: App) -> None:
    order(app)
    assert 1 == deliver(app.ports.outbox, HttpWebhook("http://127.0.0.1:1/"), SECRET, later()).failed
    (event,) = app.ports.outbox.list(10)
    assert event.last_error.startswith("no answer")


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!!!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_secret_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="SAYSO_WEBHOOK_SECRET"):
        read_secret(text)
    assert SECRET == read_secret(TEXT)


@pytest.mark.parametrize("url", ["http://shop.example/orders", "ftp://x", "shop", "https://"])
def test_an_address_that_is_not_https_is_named(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="SAYSO_WEBHOOK_URL"):
        HttpWebhook(url)


def test_the_server_delivers_by_itself(sample_store: Path, tmp_path: Path, shop: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys", webhook_url=shop, webhook_secret=TEXT))
    ensure_demo_household(app)
    background = Background(app, every_s=0.05)
    background.start()
    order(app)
    waited = threading.Event()
    for _ in range(200):
        if Shop.taken:
            break
        waited.wait(0.05)
    background.stop()
    app.close()
    assert ["order.placed"] == [json.loads(body)["type"] for _, body in Shop.taken]
