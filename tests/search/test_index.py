from __future__ import annotations

import os
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skill.errors import CatalogueMissing, FeedError, SettingsInvalid
from skill.search.catalogue import open_catalogue
from skill.search.current import CurrentCatalogue
from skill.search.index import build_index, numbers_blob
from skill.search.layout import FORMAT_VERSION
from skill.shop.catalogue import Product, Wish


def test_the_same_products_in_any_order_make_the_same_file_version(
    tmp_path: Path, shop_products: tuple[Product, ...]
) -> None:
    one = build_index(shop_products, tmp_path / "one")
    other = build_index(shop_products, tmp_path / "other")
    assert one.version == other.version
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_another_price_makes_another_version(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    one = build_index([make_product("a", "Milk", 100)], tmp_path / "one")
    other = build_index([make_product("a", "Milk", 101)], tmp_path / "other")
    assert one.version != other.version


def test_a_sku_that_comes_twice_is_refused_by_name_and_the_old_index_stays(
    tmp_path: Path, shop_products: tuple[Product, ...], make_product: Callable[..., Product]
) -> None:
    path = tmp_path / "catalogue.index"
    build_index(shop_products, path)
    before = path.read_bytes()
    with pytest.raises(FeedError, match="'a' comes twice"):
        build_index([make_product("a", "Milk"), make_product("a", "Bread")], path)
    assert before == path.read_bytes()
    assert ["catalogue.index"] == os.listdir(tmp_path)


def test_a_feed_that_breaks_half_way_leaves_the_old_index_and_no_litter(
    tmp_path: Path, shop_products: tuple[Product, ...], make_product: Callable[..., Product]
) -> None:
    path = tmp_path / "catalogue.index"
    build_index(shop_products, path)
    before = path.read_bytes()

    def breaking() -> Iterator[Product]:
        yield make_product("a", "Milk")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        build_index(breaking(), path)
    assert before == path.read_bytes()
    assert ["catalogue.index"] == os.listdir(tmp_path)


def test_a_language_without_rules_is_refused_before_anything_is_written(
    tmp_path: Path, shop_products: tuple[Product, ...]
) -> None:
    with pytest.raises(SettingsInvalid):
        build_index(shop_products, tmp_path / "catalogue.index", locale="xx-XX")
    assert [] == os.listdir(tmp_path)


def test_an_empty_catalogue_can_be_built_and_asked(tmp_path: Path) -> None:
    build_index([], tmp_path / "catalogue.index")
    catalogue = open_catalogue(tmp_path / "catalogue.index")
    assert 0 == catalogue.count
    assert () == catalogue.find(Wish("milk")).found


def test_progress_tells_how_many_products_were_read(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    seen: list[int] = []
    build_index((make_product(f"p{n}", f"Milk {n}") for n in range(1200)), tmp_path / "c", progress=seen.append)
    assert [500, 1000, 1200] == seen


def test_another_format_version_is_refused_with_what_to_do(tmp_path: Path, shop_products: tuple[Product, ...]) -> None:
    path = tmp_path / "catalogue.index"
    build_index(shop_products, path)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version={FORMAT_VERSION + 1}")
    db.close()
    with pytest.raises(CatalogueMissing, match="import the catalogue again") as refused:
        open_catalogue(path)
    assert FORMAT_VERSION + 1 == refused.value.facts["found"]


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be read as a page" * 100])
def test_a_file_that_is_no_index_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalogue.index"
    path.write_bytes(content)
    with pytest.raises(CatalogueMissing, match="import"):
        open_catalogue(path)


def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogueMissing, match="sayso catalogue import"):
        open_catalogue(tmp_path / "nothing")
    with pytest.raises(CatalogueMissing, match="sayso catalogue import"):
        CurrentCatalogue(tmp_path / "nothing").find(Wish("milk"))


def test_an_open_catalogue_keeps_its_file_and_the_current_one_follows_the_swap(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    path = tmp_path / "catalogue.index"
    build_index([make_product("old", "Oat Milk")], path)
    held = open_catalogue(path)
    current = CurrentCatalogue(path)
    assert ["old"] == [f.product.sku for f in current.find(Wish("oat milk")).found]
    build_index([make_product("new", "Oat Milk")], path)
    assert ["old"] == [f.product.sku for f in held.find(Wish("oat milk")).found]
    assert ["new"] == [f.product.sku for f in current.find(Wish("oat milk")).found]


def test_threads_that_search_during_swaps_see_one_catalogue_or_the_other(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    path = tmp_path / "catalogue.index"
    build_index([make_product("a1", "Oat Milk"), make_product("a2", "Oat Milk Barista")], path)
    current = CurrentCatalogue(path)
    done = threading.Event()
    torn: list[object] = []

    def search() -> None:
        while not done.is_set():
            try:
                found = {f.product.sku[0] for f in current.find(Wish("oat milk")).found}
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the failure
                torn.append(error)
                return
            if len(found) != 1:
                torn.append(found)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        letter = "ab"[turn % 2]
        build_index([make_product(f"{letter}1", "Oat Milk"), make_product(f"{letter}2", "Oat Milk Barista")], path)
    done.set()
    for thread in threads:
        thread.join(10)
    assert [] == torn


def test_numbers_lie_little_endian_in_the_index() -> None:
    assert b"\x01\x00\x00\x00" == numbers_blob(array("I", [1]))
