"""Whatever an import is stopped by, shoppers have the old catalogue or the new one, and pay the price on the shelf."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import skill.sample
from skill.app import App, build_app
from skill.catalogues import BUILDING, READING, RESTOCKING, import_catalogue, open_feed, roll_back, stopped_import
from skill.errors import CatalogueMissing, FeedError, SettingsInvalid, StorageError
from skill.search.current import CurrentCatalogue
from skill.settings import read_settings
from skill.shop.catalogue import Sku, Wish
from skill.shop.money import Money

SAMPLE = Path(str(skill.sample.__file__)).parent
TEA, JAM = Sku("tea"), Sku("jam")


def write_feed(path: Path, generation: int, rows: int = 40) -> Path:
    """A feed whose titles, prices and stock all say which generation they are of. Jam is in the even ones only."""
    products = [{"sku": TEA, "title": f"Black Tea {generation}", "price": f"{generation}.00", "quantity": generation}]
    products += [{"sku": JAM, "title": "Plum Jam", "price": "2.00", "quantity": 5}] * (generation % 2 == 0)
    products += [{"sku": f"no-{n}", "title": f"Thing {n}", "price": "1.00", "quantity": 1} for n in range(rows)]
    path.write_text("\n".join(json.dumps(product) for product in products))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(SAMPLE / "store.yaml", folder / "store.yaml")
    return folder


@pytest.fixture
def app(data: Path) -> Iterator[App]:
    with closing(build_app(read_settings({"SAYSO_DATA_DIR": str(data)}))) as app:
        yield app


def price_on_shelf(app: App, sku: Sku) -> int | None:
    item = app.ports.inventory.items([sku]).get(sku)
    return item.price.amount if item else None


def price_in_catalogue(app: App, sku: Sku) -> int | None:
    product = app.ports.catalogue.product(sku)
    return product.price.amount if product else None


def test_an_import_sets_catalogue_price_and_stock(app: App, tmp_path: Path) -> None:
    imported = import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    assert (42, app.ports.catalogue.version) == (imported.products_count, imported.version)
    item = app.ports.inventory.items([TEA])[TEA]
    assert (Money(200, "USD"), 2) == (item.price, item.available)
    found = app.ports.catalogue.find(Wish("black tea"), locale="en-US", limit=3)
    assert "Black Tea 2" == found.found[0].product.title


def test_the_next_import_replaces_everything_and_drops_what_is_gone(app: App, tmp_path: Path) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 3)))
    assert (300, 300) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))
    assert (None, None) == (price_on_shelf(app, JAM), price_in_catalogue(app, JAM))


@pytest.mark.parametrize(
    ("own", "google"),
    [
        ("Cellar > Reds", "Food, Beverages & Tobacco > Beverages > Alcoholic Beverages > Wine"),
        ("Cellar > Reds", "421"),
        ("Gifts", "2364"),
        ("Gifts", "3682"),
    ],
)
def test_what_google_calls_alcohol_or_tobacco_is_age_restricted_whatever_the_store_calls_it(
    app: App, tmp_path: Path, own: str, google: str
) -> None:
    feed = tmp_path / "google.txt"
    feed.write_text(
        "id\ttitle\tprice\tavailability\tproduct_type\tgoogle_product_category\n"
        f"1\tBarrel No. 7\t19.00 USD\tin_stock\t{own}\t{google}\n"
    )
    import_catalogue(app, open_feed(app, feed))
    product = app.ports.catalogue.product(Sku("1"))
    assert product is not None
    assert app.ports.store.age_restricted_categories.intersection(product.category)


def test_what_an_import_cannot_tell_of_allergens_the_shopper_is_told_to_be_untold(app: App, tmp_path: Path) -> None:
    lists = {
        "rye": "none",
        "oat": "N/A",
        "spelt": "Gluten-free",
        "malt": "soy",
        "white": "A, C",
        "milk": "Contains: milk",
    }
    path = tmp_path / "feed"
    path.write_text(
        "\n".join(
            json.dumps({"sku": sku, "title": f"{sku} bread", "price": "2.00", "quantity": 5, "allergens": listed})
            for sku, listed in lists.items()
        )
    )
    feed = open_feed(app, path)
    import_catalogue(app, feed)
    assert {"allergens_untold": 4} == dict(feed.warning_kinds)
    found = app.ports.catalogue.find(Wish("bread my son is allergic to milk")).found
    assert {"rye", "oat", "spelt", "white"} == {each.product.sku for each in found if each.untold}
    assert {"malt"} == {each.product.sku for each in found if not each.untold}


def test_prices_of_another_currency_are_not_the_stores(app: App, data: Path, tmp_path: Path) -> None:
    """A tea of 5 dollars is not one of 5 yen, because `store.yaml` now says so."""
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 5)))
    app.close()
    settings = (data / "store.yaml").read_text()
    (data / "store.yaml").write_text(settings.replace("currency: USD", "currency: EUR"))
    with closing(build_app(read_settings({"SAYSO_DATA_DIR": str(data)}))) as changed:
        for ask in (lambda: changed.ports.catalogue.version, lambda: changed.ports.catalogue.products([TEA])):
            with pytest.raises(CatalogueMissing, match=r"are in USD, and the store sells in EUR: import a catalogue"):
                ask()
        assert [] == list(changed.product_names(5))
        (tmp_path / "feed").write_text(json.dumps({"sku": TEA, "title": "Black Tea", "price": "4.00", "quantity": 2}))
        import_catalogue(changed, open_feed(changed, tmp_path / "feed"))
        assert Money(400, "EUR") == changed.ports.inventory.items([TEA])[TEA].price
        assert changed.ports.catalogue.product(TEA).price == Money(400, "EUR")


def test_reserved_stock_stays_reserved(app: App, data: Path, tmp_path: Path) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 5)))
    with closing(sqlite3.connect(data / "sayso.db")) as db:
        db.execute("UPDATE inventory SET reserved = 2 WHERE sku = ?", (TEA,))
        db.commit()
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 9)))
    assert 9 - 2 == app.ports.inventory.items([TEA])[TEA].available


def test_a_bad_row_leaves_catalogue_and_shelf_as_they_were(app: App, data: Path, tmp_path: Path) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    feed = write_feed(tmp_path / "feed", 3)
    with feed.open("a") as file:
        file.write('\n{"sku": "last", "title": "Last", "price": "-1", "quantity": 1}\n')
    with pytest.raises(FeedError, match="1 of 42 rows"):
        import_catalogue(app, open_feed(app, feed))
    assert (200, 200) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))
    assert not (data / "catalogue.import").exists()


def test_a_feed_that_breaks_off_leaves_catalogue_and_shelf_as_they_were(app: App, tmp_path: Path) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    xml = tmp_path / "feed.xml"
    item = "<item><g:id>{}</g:id><title>Tea</title><g:price>9 USD</g:price><g:availability>in_stock</g:availability></item>"
    items = "".join(item.format(n) for n in range(3000))
    xml.write_text(f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}')
    with pytest.raises(FeedError, match="is broken at line 1"):
        import_catalogue(app, open_feed(app, xml), keep_good=True)
    assert (200, 200) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))


def test_a_shelf_that_cannot_be_written_leaves_the_catalogue_as_it_was(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))

    def fail(self: object, products: object) -> None:
        raise StorageError("database is locked")

    monkeypatch.setattr(type(app.ports.inventory), "restock", fail)
    with pytest.raises(StorageError, match="database is locked"):
        import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 3)))
    assert (200, 200) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))


def test_an_index_that_cannot_be_kept_leaves_prices_and_catalogue_as_they_were(
    app: App, data: Path, tmp_path: Path
) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    shutil.move(data / "catalogues", data / "away")
    (data / "catalogues").write_text("no folder")
    with pytest.raises(StorageError, match="could not be put into"):
        import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 3)))
    assert (200, 200) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))


def test_an_index_that_cannot_be_put_in_place_tells_that_the_prices_are_new(
    app: App, data: Path, tmp_path: Path
) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    (data / "catalogues" / "published.json.new").mkdir()  # what the list is written to
    feed = open_feed(app, write_feed(tmp_path / "feed", 3))
    with pytest.raises(StorageError, match=r"prices and stock are the new ones already.* do the same again"):
        import_catalogue(app, feed)
    assert (300, 200) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))
    (data / "catalogues" / "published.json.new").rmdir()
    roll_back(app, stopped_import(data, app.catalogue.version))
    assert ("", 300) == (stopped_import(data, app.catalogue.version), price_in_catalogue(app, TEA))
    import_catalogue(app, feed)
    assert (300, 300) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))


def test_two_imports_do_not_run_at_once(app: App, tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed", 2, rows=1000)
    refused: list[str] = []

    def second_import(what: str, read: int, whole: int) -> None:
        if what == BUILDING:
            with pytest.raises(StorageError) as refusal:
                import_catalogue(app, open_feed(app, feed))
            refused.append(str(refusal.value))

    import_catalogue(app, open_feed(app, feed), watch=second_import)
    assert ["another import"] == [each[:14] for each in refused]
    assert 200 == price_in_catalogue(app, TEA)


def test_who_watches_hears_how_far_the_import_is(app: App, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    feed = write_feed(tmp_path / "feed", 2, rows=3000)
    import_catalogue(app, open_feed(app, feed), watch=lambda *progress: heard.append(progress))
    size = feed.stat().st_size
    assert [READING, BUILDING, RESTOCKING] == list(dict.fromkeys(what for what, _, _ in heard))
    assert [read for _, read, _ in heard] == sorted(read for _, read, _ in heard)
    assert {size} == {whole for _, _, whole in heard}
    assert (RESTOCKING, size, size) == heard[-1]


# --- killed -----------------------------------------------------------------------------------------------------------

#: Imports a feed and kills itself, as the power would, when the import comes to the named place.
DRIVER = """
import os, signal, sys
from pathlib import Path
import skill.catalogues as importing
from skill.app import build_app
from skill.settings import read_settings

data, feed, place = sys.argv[1:]
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
app = build_app(read_settings({"SAYSO_DATA_DIR": data}))

def watch(what, read, whole):
    if what == place and (what != importing.READING or 3 * read > whole):
        die()

replace, restock = os.replace, type(app.ports.inventory).restock

def replace_or_die(old, new):
    if Path(new) == Path(data) / "catalogue.index" and place == "before the swap":
        die()
    replace(old, new)
    if Path(new) == Path(data) / "catalogue.index" and place == "after the swap":
        die()

def restock_or_die(self, products):
    def dying():
        for number, product in enumerate(products):
            if number == 20:
                die()
            yield product
    restock(self, dying() if place == "while the shelf is written" else products)

os.replace, type(app.ports.inventory).restock = replace_or_die, restock_or_die
importing.import_catalogue(app, importing.open_feed(app, Path(feed)), watch=watch)
"""


@pytest.mark.parametrize(
    ("place", "on_shelf", "in_catalogue"),
    [
        (READING, 200, 200),
        (BUILDING, 200, 200),
        (RESTOCKING, 200, 200),
        ("while the shelf is written", 200, 200),
        ("before the swap", 300, 200),
        ("after the swap", 300, 300),
    ],
)
def test_a_killed_import_leaves_the_old_catalogue_or_the_new_one(
    data: Path, app: App, tmp_path: Path, place: str, on_shelf: int, in_catalogue: int
) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    feed = write_feed(tmp_path / "feed", 3, rows=1000)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(
        [sys.executable, "-c", DRIVER, str(data), str(feed), place], env=environment, capture_output=True, text=True
    )
    assert -signal.SIGKILL == killed.returncode, killed.stderr

    assert (on_shelf, in_catalogue) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))
    stopped = stopped_import(data, app.catalogue.version)
    assert (place in ("while the shelf is written", "before the swap")) == bool(stopped)

    # Withdrawn by the new feed: whatever is still found, it can be bought only while the shelf is the old one.
    assert (on_shelf == 200) == (price_on_shelf(app, JAM) is not None)

    # The next import finds no lock held and nothing in its way, and tidies up.
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 4)))
    assert (400, 400) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))
    assert "" == stopped_import(data, app.catalogue.version)
    assert [] == list(data.glob("catalogue.under-way"))
    assert not (data / "catalogue.import").exists()
    assert [] == list(data.glob(".catalogue.index*"))


def test_searches_during_swaps_are_answered_by_one_catalogue_or_the_other(app: App, data: Path, tmp_path: Path) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 1)))
    searching = CurrentCatalogue(data / "catalogue.index")
    torn: list[str] = []
    seen: set[str] = set()
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            product = searching.find(Wish("black tea"), limit=1).found[0].product
            seen.add(product.title)
            if (
                product.title != f"Black Tea {product.price.amount // 100}"
                or product.stock != product.price.amount // 100
            ):
                torn.append(product.title)

    shoppers = [threading.Thread(target=search) for _ in range(2)]
    for shopper in shoppers:
        shopper.start()
    try:
        for generation in range(2, 7):
            import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", generation)))
    finally:
        done.set()
        for shopper in shoppers:
            shopper.join()
    assert [] == torn
    assert len(seen) > 1
    assert "Black Tea 6" == searching.find(Wish("black tea"), limit=1).found[0].product.title
    searching.close()


def test_a_language_without_rules_is_refused_and_nothing_changes(data: Path, app: App, tmp_path: Path) -> None:
    import_catalogue(app, open_feed(app, write_feed(tmp_path / "feed", 2)))
    settings = replace(read_settings({"SAYSO_DATA_DIR": str(data)}), locale="xx-XX")
    with closing(build_app(settings)) as other, pytest.raises(SettingsInvalid):
        import_catalogue(other, open_feed(other, write_feed(tmp_path / "feed", 3)))
    assert (200, 200) == (price_on_shelf(app, TEA), price_in_catalogue(app, TEA))
