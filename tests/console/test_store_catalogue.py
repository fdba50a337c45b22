"""The catalogue's way in: uploaded, told of row by row, looked at, published, gone back from; and what must not get in."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import threading
from dataclasses import replace

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from skill.catalogues import publish_index
from skill.cli.demo import SAMPLE_CATALOGUE
from skill.console import access, staged_catalogue
from skill.console.staged_catalogue import BROKEN_OFF, READING, StagedCatalogue
from skill.console.store_catalogue import UPLOAD_BYTES_MAX
from skill.ordering.checking import verify_audit
from skill.shop.catalogue import Sku
from skill.shop.households import store_chain
from skill.web import create_pages_app
from tests.console.conftest import PASSPHRASE, make_account

PAGE = "/console/catalogue"
GOOD = {"sku": "zeppelin-1", "title": "Zeppelin Model Kit", "price": "19.99 USD", "quantity": 4, "category": "Toys"}


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """However busy the machine is, a small file has been read when the page answers."""
    monkeypatch.setattr(staged_catalogue, "WAITED_S", 60)


def feed(*rows: dict) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def upload(browser, content: bytes, name: str = "feed.jsonl", status: int = 303, **form: str) -> str:
    data = {"csrf": browser.token(PAGE), "feed": (io.BytesIO(content), name), **form}
    sent = browser.client.post(f"{PAGE}/upload", data=data, headers={"Origin": "http://localhost"})
    assert status == sent.status_code, sent.get_data(as_text=True)
    return sent.get_data(as_text=True)


def version(app) -> str:
    return app.ports.catalogue.version


def publish(browser, app) -> None:
    staged = StagedCatalogue(app).look()
    browser.post(f"{PAGE}/publish", token_from=PAGE, version=staged.version)


def test_an_uploaded_catalogue_is_looked_at_and_changes_nothing_yet(app, owner):
    before = version(app)
    upload(owner, feed(GOOD), "monday.jsonl")
    words = owner.words(PAGE)
    for told in (
        "monday.jsonl",
        "Checked, not published",
        "1 rows (jsonl): 1 good",
        "Publish 1 products",
        "1 new",
        "328 gone",
    ):
        assert told in words
    assert before == version(app)


def test_a_published_catalogue_answers_at_the_next_word(app, owner):
    upload(owner, feed(GOOD))
    publish(owner, app)
    assert app.ports.catalogue.product(Sku("zeppelin-1")).title == "Zeppelin Model Kit"
    assert 4 == app.ports.inventory.items([Sku("zeppelin-1")])[Sku("zeppelin-1")].available
    assert "Zeppelin Model Kit" in owner.words("/console/search?q=zeppelin")
    assert "Checked, not published" not in owner.words(PAGE)


def test_the_store_goes_back_to_what_it_had(app, owner):
    first = version(app)
    upload(owner, feed(GOOD))
    publish(owner, app)
    owner.post(f"{PAGE}/roll-back", token_from=PAGE, version=first)
    assert first == version(app)
    assert app.ports.catalogue.product(Sku("zeppelin-1")) is None
    assert "Back to the catalogue with 328 products" in owner.words(PAGE)


def test_a_catalogue_that_was_put_in_place_half_way_is_told_of_and_finished_here(app, owner, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    upload(owner, feed(GOOD))
    staged = StagedCatalogue(app)
    with monkeypatch.context() as dying:
        dying.setattr(type(app.ports.publications), "publish", killed)
        with pytest.raises(Killed):
            publish_index(app, staged.index)
    assert "was stopped half-way: prices and stock may be the new ones already" in owner.words("/console")
    words = owner.words(PAGE)
    assert f"Catalogue {staged.look().version} was not put in place to the end" in words
    assert f"while version {version(app)} is found" in words
    assert "Finish putting it in place" in words

    owner.post(f"{PAGE}/roll-back", token_from=PAGE, version=staged.look().version)

    assert staged.look().version == version(app)
    assert "Zeppelin Model Kit" in owner.words("/console/search?q=zeppelin")
    assert "was not put in place" not in owner.words(PAGE)
    assert "half-way" not in owner.words("/console")


def test_what_was_published_by_whom_is_kept(app, owner):
    first = version(app)
    upload(owner, feed(GOOD))
    publish(owner, app)
    owner.post(f"{PAGE}/roll-back", token_from=PAGE, version=first)
    chain = store_chain(app.ports.store.store_id)
    kinds = [each.kind for each in app.ports.ledger.last_audit(chain, 2)]
    assert ["catalogue_rolled_back", "catalogue_published"] == kinds
    assert () == verify_audit(app.ports, chain)
    words = owner.words("/console/trail")
    for told in ("Published a catalogue", "1 products, version", "Went back to a catalogue", "328 products, version"):
        assert told in words


def test_a_bad_row_stops_the_file_and_is_named_by_line_and_column(app, owner):
    upload(owner, feed(GOOD, GOOD | {"sku": "b", "price": "about 3"}))
    words = owner.words(PAGE)
    assert "Not taken" in words
    assert "1 of 2 rows of feed.jsonl are bad" in words
    assert "2 price about 3 write the price as a number" in words
    assert "/console/catalogue/publish" not in owner.get(PAGE)
    assert str(app.settings.data_dir) not in words


def test_the_good_rows_are_taken_where_that_was_asked_for(app, owner):
    upload(owner, feed(GOOD, GOOD | {"sku": "b", "price": "about 3"}), keep_good="yes")
    words = owner.words(PAGE)
    assert "Checked, not published" in words
    assert "1 good , 1 bad" in words
    publish(owner, app)
    assert 1 == app.catalogue.current().count


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02" * 100, b"<xml", b"{", b"sku,title\n", b"PK\x03\x04" + b"z" * 300, b"\x1f\x8b broken"],
    ids=["nothing", "binary", "half a tag", "half an object", "no rows", "a zip", "a broken gzip"],
)
def test_what_is_no_feed_is_refused_in_words(app, owner, content):
    before = version(app)
    upload(owner, content)
    words = owner.words(PAGE)
    assert "Not taken" in words
    assert "/console/catalogue/publish" not in owner.get(PAGE)
    assert before == version(app)


def test_no_file_is_asked_for(app, owner):
    data = {"csrf": owner.token(PAGE)}
    owner.client.post(f"{PAGE}/upload", data=data, headers={"Origin": "http://localhost"})
    assert "Choose a file first." in owner.words(PAGE)


def test_half_a_gigabyte_is_refused_before_it_is_read(app, flask, owner):
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, into) -> int:
            Endless.taken += len(into)
            return len(into)

    environ = create_environ(
        f"{PAGE}/upload", "http://localhost/", method="POST", headers={"Origin": "http://localhost"}
    )
    environ |= {
        "CONTENT_LENGTH": str(500 * 1024 * 1024),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "HTTP_COOKIE": f"sayso={owner.cookie()}",
        "wsgi.input": io.BufferedReader(Endless()),
    }
    page, status, _ = run_wsgi_app(flask.wsgi_app, environ, buffered=True)
    assert "413" in status
    assert b"at most 200 MB" in b"".join(page)
    assert UPLOAD_BYTES_MAX // 100 > Endless.taken
    assert StagedCatalogue(app).look() is None


def test_an_upload_needs_its_token(app, owner):
    data = {"csrf": "0" * 64, "feed": (io.BytesIO(feed(GOOD)), "feed.jsonl")}
    assert 403 == owner.client.post(f"{PAGE}/upload", data=data, headers={"Origin": "http://localhost"}).status_code
    assert StagedCatalogue(app).look() is None


@pytest.mark.parametrize("what", ["publish", "drop", "roll-back", "upload"])
def test_a_parent_touches_no_catalogue(app, owner, parent, what):
    upload(owner, feed(GOOD))
    before = version(app)
    staged = StagedCatalogue(app).look()
    parent.post(f"{PAGE}/{what}", csrf=parent.token("/household"), version=staged.version)
    assert (before, staged) == (version(app), StagedCatalogue(app).look())


@pytest.mark.parametrize("what", ["publish", "drop", "roll-back"])
def test_the_other_forms_need_theirs(app, owner, what):
    upload(owner, feed(GOOD))
    before = version(app)
    data = {"csrf": "", "version": StagedCatalogue(app).look().version}
    assert 403 == owner.client.post(f"{PAGE}/{what}", data=data, headers={"Origin": "http://localhost"}).status_code
    assert before == version(app)
    assert StagedCatalogue(app).look() is not None


def test_another_catalogue_than_the_one_that_was_seen_is_not_published(app, owner):
    upload(owner, feed(GOOD))
    before = version(app)
    owner.post(f"{PAGE}/publish", token_from=PAGE, version="1-somethingelse")
    assert before == version(app)
    assert "not there any more" in owner.words(PAGE)


@pytest.mark.parametrize("asked", ["", "nothing", "../../../etc/passwd", "x" * 500])
def test_there_is_no_going_back_to_what_never_was(app, owner, asked):
    before = version(app)
    owner.post(f"{PAGE}/roll-back", token_from=PAGE, version=asked)
    assert before == version(app)


def test_a_dropped_catalogue_is_gone(app, owner):
    upload(owner, feed(GOOD))
    owner.post(f"{PAGE}/drop", token_from=PAGE)
    assert StagedCatalogue(app).look() is None
    assert ["lock"] == sorted(os.listdir(app.settings.data_dir / "catalogue.staged"))


def test_markup_in_a_product_is_text_everywhere(app, owner):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    row = GOOD | {"title": f"Zeppelin {evil}", "sku": "z\"'><b>", "category": f"Toys {evil}", "description": evil}
    upload(owner, feed(row, row | {"sku": "bad", "price": evil}), name=f"{evil}.jsonl", keep_good="yes")
    for path in (PAGE, f"{PAGE}/progress"):
        page = owner.get(path)
        assert "<script>alert" not in page
        assert "<img" not in page
    publish(owner, app)
    for path in (
        "/console/search?q=zeppelin",
        "/console/policy",
        f"/console/search?q={evil}",
        "/console/asked",
        PAGE,
        "/console/trail",
    ):
        page = owner.get(path)
        assert "<script>alert" not in page, path
        assert "<img" not in page, path


def test_how_far_a_large_file_is_read_is_shown_and_a_second_one_waits(app, owner, monkeypatch):
    going_on, real = threading.Event(), staged_catalogue.build_catalogue

    def slow(*arguments, watch, **options):
        watch("Reading", 40, 100)
        assert going_on.wait(30)
        return real(*arguments, watch=watch, **options)

    monkeypatch.setattr(staged_catalogue, "build_catalogue", slow)
    monkeypatch.setattr(staged_catalogue, "WAITED_S", 0.2)
    upload(owner, feed(GOOD))
    assert "40 % read · Reading" in owner.words(PAGE)
    assert 'data-reading="yes"' in owner.get(f"{PAGE}/progress")
    upload(owner, feed(GOOD | {"sku": "second"}))
    assert "Another catalogue is being read" in owner.words(PAGE)
    owner.post(f"{PAGE}/drop", token_from=PAGE)
    assert READING == StagedCatalogue(app).look().phase
    going_on.set()
    for thread in threading.enumerate():
        if thread.name == "sayso-staging":
            thread.join(30)
    assert "Checked, not published" in owner.words(PAGE)


def test_a_disk_that_is_full_is_told_of(app, owner, monkeypatch):
    def fail(*_, **__):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(staged_catalogue, "build_catalogue", fail)
    upload(owner, feed(GOOD))
    assert "The store's disk failed: database or disk is full." in owner.words(PAGE)


def test_a_file_whose_reader_died_is_told_of(app, owner):
    folder = app.settings.data_dir / "catalogue.staged"
    upload(owner, feed(GOOD))
    noted = json.loads((folder / "staged.json").read_text())
    (folder / "staged.json").write_text(json.dumps(noted | {"phase": READING}))
    assert BROKEN_OFF == StagedCatalogue(app).look().phase
    assert "broken off" in owner.words(PAGE)
    upload(owner, feed(GOOD))
    assert "Checked, not published" in owner.words(PAGE)


def test_the_sample_itself_changes_nothing(app, owner):
    upload(owner, SAMPLE_CATALOGUE.read_bytes(), "catalogue.jsonl")
    assert "Nothing: it is the catalogue that answers now." in owner.words(PAGE)


def test_bad_rows_are_told_in_the_pages_own_words(owner):
    upload(owner, feed(GOOD, GOOD | {"sku": "x2", "price": "about 5"}))
    words = owner.words(PAGE)
    assert "Nothing was taken: 1 of 2 rows of feed.jsonl are bad." in words
    assert "Take the good rows even if others are bad" in words
    assert "--keep-good" not in words


def test_sales_that_are_over_are_told_in_the_pages_own_words(owner, app, clock):
    sale = {"sale_price": "0.50 USD", "sale_price_effective_date": "2026-11-01T00:00Z/2026-11-19T14:01Z"}
    upload(owner, feed(GOOD | sale))
    clock.pass_time(minutes=2)
    publish(owner, app)
    words = owner.words(PAGE)
    assert "1 of its prices are those of sales" in words
    assert "--ended-sales-too" not in words


def test_prices_of_sales_that_are_over_are_told_of_until_the_next_feed(owner, app, clock):
    sale = {"sale_price": "0.50 USD", "sale_price_effective_date": "2026-11-01T00:00Z/2026-11-19T14:05Z"}
    upload(owner, feed(GOOD | sale))
    publish(owner, app)
    told = "1 price is that of a sale that is over, and still asked"
    assert told not in owner.words("/console")
    clock.pass_time(minutes=6)
    assert told in owner.words("/console")
    assert told in owner.words(PAGE)
    owner.post("/sign-in/again", passphrase=PASSPHRASE)
    upload(owner, feed(GOOD | sale))
    publish(owner, app)
    assert told not in owner.words(PAGE)


def test_a_catalogue_that_cannot_be_read_is_not_called_none(owner, app):
    app.catalogue.path.write_bytes(b"damaged")
    assert "The catalogue cannot be read, so that nothing can be found" in owner.words("/console")
    assert "The catalogue cannot be read, because" in owner.words(PAGE)
    app.catalogue.path.unlink()
    assert "There is no catalogue yet" in owner.words("/console")


def test_which_categories_are_kept_from_children_is_told_and_that_none_is(owner, app):
    words = owner.words(PAGE)
    assert "Only where a household allows it: Beer, Tobacco, Wine, and whatever has a least age." in words
    upload(owner, feed(GOOD | {"category": "Vini"}))
    publish(owner, app)
    assert (
        "No category of this catalogue is called as the store’s age-restricted ones are (Alcoholic Beverages"
        in owner.words(PAGE)
    )
    upload(owner, feed(GOOD | {"category": "Drinks > Gifts, Wine"}))
    publish(owner, app)
    assert "Only where a household allows it: Wine, and" in owner.words(PAGE)


def test_functions_take_no_feed_and_go_back_all_the_same(app, sign_in_as):
    """A function is stopped once it has answered, and the next request may reach another one: a feed would be lost on the way."""
    over_a_table = replace(app, settings=replace(app.settings, table="sayso"))
    owner = sign_in_as("owner")
    owner.client = create_pages_app(over_a_table).test_client()
    owner.client.set_cookie("sayso", access.open_session(app.ports, make_account(app, "owner", None, "robin"), ""))
    page = owner.get(PAGE)
    assert "sayso catalogue publish FILE" in page
    assert f'action="{PAGE}/upload"' not in page
    assert f'action="{PAGE}/roll-back"' in page or "Answers now" in page
    csrf = owner.token("/console/policy")
    for gone in ("upload", "publish", "drop"):
        sent = owner.client.post(f"{PAGE}/{gone}", data={"csrf": csrf}, headers={"Origin": "http://localhost"})
        assert sent.status_code in (404, 405)
