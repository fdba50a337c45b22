from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import skill.sample

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SAMPLE = Path(str(skill.sample.__file__)).parent / "catalogue.jsonl"

GOOD = "sku,title,price,quantity\nmilk,Whole Milk,4.49,3\ntea,Black Tea,3.49,5\n"
BAD = GOOD + "jam,Plum Jam,2.99 EUR,1\noats,Rolled Oats,1.99,-1\n"


@pytest.fixture
def stocked(run: Run, data: Path, sample_store: Path) -> Run:
    """The command over a store with the sample catalogue."""
    shutil.copytree(sample_store, data, dirs_exist_ok=True)
    return run


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed.csv"


def test_a_good_feed_is_imported_and_can_be_searched(run: Run, feed: Path) -> None:
    feed.write_text(GOOD)
    outcome = run("catalogue", "import", feed)
    assert (0, "") == (outcome.code, outcome.err)
    assert outcome.out.startswith("Imported 2 products (csv), catalogue ")
    (milk,) = run("catalogue", "search", "whole milk", "--json", "--limit", 1).json
    assert ("milk", {"amount": 449, "currency": "USD"}, 3) == (milk["sku"], milk["price"], milk["stock"])


def test_one_bad_row_and_nothing_is_imported(stocked: Run, feed: Path) -> None:
    feed.write_text(BAD)
    outcome = stocked("catalogue", "import", feed)
    assert (1, "") == (outcome.code, outcome.out)
    table = outcome.err
    assert "2.99 EUR" in table
    assert "give the price in USD" in table
    assert "as a whole number" in table
    last = outcome.err.splitlines()[-1]
    assert "Error: nothing was imported: 2 of 4 rows" in last
    assert "--keep-good" in last
    assert 328 == stocked("catalogue", "info", "--json").json["products"]


def test_keep_good_imports_the_good_rows_and_still_names_the_bad(run: Run, feed: Path) -> None:
    feed.write_text(BAD)
    outcome = run("catalogue", "import", feed, "--keep-good")
    assert 0 == outcome.code
    assert "Imported 2 products" in outcome.out
    assert "2.99 EUR" in outcome.err


def test_keep_good_with_no_good_row_keeps_the_old_catalogue(stocked: Run, feed: Path) -> None:
    feed.write_text("sku,title,price,quantity\nmilk,Whole Milk,free,3\n")
    outcome = stocked("catalogue", "import", feed, "--keep-good")
    assert 1 == outcome.code
    assert "no product that can be sold" in outcome.err
    assert 328 == stocked("catalogue", "info", "--json").json["products"]


def test_the_report_in_json_names_line_column_value_and_remedy(run: Run, feed: Path) -> None:
    feed.write_text(BAD)
    outcome = run("catalogue", "import", feed, "--json")
    assert 1 == outcome.code
    report = outcome.json
    assert (False, "csv", 4, 2, 2) == tuple(report[k] for k in ("imported", "format", "rows", "products", "refused"))
    assert {"currency_wrong": 1, "quantity_invalid": 1} == report["problem_kinds"]
    assert {
        "line": 4,
        "column": "price",
        "value": "2.99 EUR",
        "remedy": "the store sells in USD: give the price in USD",
        "kind": "currency_wrong",
    } == report["problems"][0]
    assert 1 == len(outcome.err.splitlines())


def test_a_good_import_in_json_is_one_document(run: Run, feed: Path) -> None:
    feed.write_text(
        GOOD.replace("quantity", "quantity,gtin").replace("4.49,3", "4.49,3,123").replace("3.49,5", "3.49,5,")
    )
    report = run("catalogue", "import", feed, "--json").json
    assert (True, 2, {"gtin_invalid": 1}) == (report["imported"], report["products"], report["warning_kinds"])
    assert report["version"]


def test_progress_is_shown_to_people_and_not_to_programs(run: Run, feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.write_text(GOOD)
    assert "" == run("catalogue", "import", feed).err
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    shown = run("catalogue", "import", feed).err
    assert "Reading" in shown
    assert "Setting prices and stock" in shown
    assert "" == run("catalogue", "import", feed, "--json").err


def test_a_value_cannot_draw_on_the_terminal(run: Run, feed: Path) -> None:
    feed.write_text(GOOD + "x,X,[red]\x1b[31m[/red],1\n")
    err = run("catalogue", "import", feed).err
    assert "\x1b[31m" not in err
    assert "[red]" in err


def test_a_long_report_is_cut_and_says_so(run: Run, feed: Path) -> None:
    feed.write_text("sku,title,price,quantity\n" + "".join(f"{n},Tea,free,1\n" for n in range(50)))
    assert "and 30 more" in run("catalogue", "import", feed).err


def test_a_note_on_the_encoding_is_shown(run: Run, feed: Path) -> None:
    feed.write_bytes(GOOD.replace("Whole Milk", "Crème").encode("windows-1252"))
    assert "Note: line 2 is not UTF-8" in run("catalogue", "import", feed).err


@pytest.mark.parametrize("command", ["import", "build", "diff", "publish"])
def test_the_encoding_can_be_said(run: Run, feed: Path, tmp_path: Path, command: str) -> None:
    feed.write_bytes(GOOD.replace("Whole Milk", "Γάλα").encode("windows-1253"))
    more = {"build": ("-o", tmp_path / "new.index"), "diff": (feed,)}.get(command, ())
    outcome = run("catalogue", command, feed, *more, "--encoding", "windows-1253")
    assert (0, "") == (outcome.code, outcome.err)
    assert "there is no encoding none" in run("catalogue", command, feed, *more, "--encoding", "none").err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,cost\nMilk,1\n", "lacks these columns: sku; price; quantity or availability"),
        (b"", "is empty"),
        (b"PK\x03\x04", "save it as CSV"),
        (b"<html></html>", "is a web page"),
    ],
)
def test_a_file_that_is_no_feed_is_one_line_and_no_stack_trace(
    run: Run, feed: Path, content: bytes, message: str
) -> None:
    feed.write_bytes(content)
    outcome = run("catalogue", "import", feed)
    assert 1 == outcome.code
    assert message in outcome.err
    assert 1 == len(outcome.err.splitlines())


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    outcome = run("catalogue", "import", tmp_path / "none.csv")
    assert (1, f"Error: there is no file {tmp_path / 'none.csv'}\n") == (outcome.code, outcome.err)


def test_an_import_into_a_new_directory_starts_with_the_samples_store(run: Run, data: Path, feed: Path) -> None:
    (data / "store.yaml").unlink()
    feed.write_text(GOOD)
    outcome = run("catalogue", "import", feed)
    assert (0, 1) == (outcome.code, len(outcome.err.splitlines()))
    assert "store.yaml is a copy of the sample's" in outcome.err
    assert (data / "store.yaml").exists()


def test_an_unknown_format_lists_the_known_ones(run: Run, feed: Path) -> None:
    feed.write_text(GOOD)
    outcome = run("catalogue", "import", feed, "--format", "excel")
    assert 2 == outcome.code
    assert "'csv', 'jsonl', 'google-tsv', 'google-xml', 'meta-csv', 'shopify-csv', 'woocommerce-csv'" in outcome.err


# --- search -----------------------------------------------------------------------------------------------------------


def test_a_price_ceiling_in_words_is_kept(stocked: Run) -> None:
    found = stocked("catalogue", "search", "dog food under 20 dollars", "--json").json
    assert "Dog Food" in found[0]["title"]
    assert all(each["price"]["amount"] <= 2000 for each in found)
    assert found == sorted(found, key=lambda each: -each["score"])


def test_products_are_printed_as_a_table(stocked: Run) -> None:
    out = stocked("catalogue", "search", "dollhouse", "--limit", 2).out
    assert "Little Lantern Wooden Dollhouse" in out
    assert "159.99 USD" in out


def test_the_limit_is_kept(stocked: Run) -> None:
    assert 3 == len(stocked("catalogue", "search", "milk", "--limit", 3, "--json").json)
    assert 2 == stocked("catalogue", "search", "milk", "--limit", 0).code
    assert 2 == stocked("catalogue", "search", "milk", "--limit", 201).code


def test_nothing_found_is_said_with_what_comes_near(stocked: Run) -> None:
    outcome = stocked("catalogue", "search", "wine over 900 dollars")
    assert (0, True) == (outcome.code, outcome.out.startswith("Nothing found. The nearest category: "))
    assert "Similar: " in outcome.out
    assert [] == stocked("catalogue", "search", "wine over 900 dollars", "--json").json
    assert "Nothing found.\n" == stocked("catalogue", "search", "").out


def test_searching_without_a_catalogue_says_what_to_do(run: Run) -> None:
    outcome = run("catalogue", "search", "milk")
    assert 1 == outcome.code
    assert "sayso catalogue import FILE" in outcome.err


def test_a_file_of_queries_is_answered_line_by_line(stocked: Run, tmp_path: Path) -> None:
    asks = tmp_path / "asks.jsonl"
    asks.write_text('{"id": "q1", "said": "clean", "query": "dog food"}\n\n{"id": "q2", "query": "oat milk"}\n')
    outcome = stocked("catalogue", "search", "--queries", asks, "--json", "--limit", 5)
    first, second = (json.loads(line) for line in outcome.out.splitlines())
    assert {"id", "said", "skus"} == set(first)
    assert ("q1", "clean", 5) == (first["id"], first["said"], len(first["skus"]))
    assert {"id", "skus"} == set(second)
    assert "oat-milk" in second["skus"][0]


def test_a_file_of_queries_may_have_a_byte_order_mark(stocked: Run, tmp_path: Path) -> None:
    asks = tmp_path / "asks.jsonl"
    asks.write_bytes(b'\xef\xbb\xbf{"id": 1, "query": "coffee"}\n')
    assert 0 == stocked("catalogue", "search", "--queries", asks, "--json").code


def test_queries_may_come_from_standard_input(stocked: Run) -> None:
    outcome = stocked("catalogue", "search", "--queries", "-", stdin='{"id": 7, "query": "coffee"}\n')
    assert 7 == json.loads(outcome.out)["id"]


@pytest.mark.parametrize("line", ["{", '{"id": "q1"}', "[]", "7"])
def test_a_bad_line_of_queries_is_named(stocked: Run, line: str) -> None:
    outcome = stocked("catalogue", "search", "--queries", "-", stdin='{"id": 1, "query": "tea"}\n' + line + "\n")
    assert 1 == outcome.code
    assert "line 2 of the queries" in outcome.err


def test_search_wants_a_query_or_a_file(stocked: Run, tmp_path: Path) -> None:
    (tmp_path / "asks").write_text("")
    assert 2 == stocked("catalogue", "search").code
    assert 2 == stocked("catalogue", "search", "milk", "--queries", tmp_path / "asks").code


def test_explain_tells_what_was_understood_and_what_ranked_each_product(stocked: Run) -> None:
    explained = stocked("catalogue", "explain", "gluten free bread under 6 dollars", "--json", "--limit", 3).json
    assert "6.00 USD" == explained["understood"]["price_max"]
    assert 3 == len(explained["products"])
    first = explained["products"][0]
    assert re.fullmatch("True Meadow Gluten Free (White|Multigrain) Bread", first["title"])
    assert first["features"]
    text = stocked("catalogue", "explain", "gluten free bread under 6 dollars").out
    assert "price_max 6.00 USD" in text
    assert f"1. {first['title']}, 17 oz, " in text


def test_explain_tells_the_answer_and_what_is_not_in_it(stocked: Run) -> None:
    explained = stocked("catalogue", "explain", "coffee under 8 dollars", "--json", "--limit", 20).json["products"]
    answer = stocked("catalogue", "search", "coffee under 8 dollars", "--json").json
    read = [each["sku"] for each in explained if each["place"]]
    assert [each["sku"] for each in answer][: len(read)] == read
    assert list(range(1, len(read) + 1)) == [each["place"] for each in explained[: len(read)]]
    assert "price_max" in {each["left_out"] for each in explained if each["price"]["amount"] > 800}
    assert not any(each["place"] for each in explained if each["price"]["amount"] > 800)
    assert "Left out (it costs more)" in stocked("catalogue", "explain", "coffee under 8 dollars", "--limit", 20).out


def test_explain_shows_what_a_misheard_word_was_taken_for(stocked: Run) -> None:
    explained = stocked("catalogue", "explain", "doll house", "--json", "--limit", 1).json
    (dollhouse,) = explained["products"]
    assert "Little Lantern Wooden Dollhouse" == dollhouse["title"]
    assert any("dollhous" in match["meant"] for match in dollhouse["matches"])
    assert "dollhous" in stocked("catalogue", "explain", "doll house", "--limit", 1).out


# --- info, build, diff ------------------------------------------------------------------------------------------------


def test_info_tells_what_is_in_the_catalogue(stocked: Run, data: Path) -> None:
    info = stocked("catalogue", "info", "--json").json
    assert (328, "en-US", str(data / "catalogue.index")) == (info["products"], info["locale"], info["path"])
    assert "Dog food" in info["categories"]
    assert info["size_bytes"] == (data / "catalogue.index").stat().st_size
    assert "328" in stocked("catalogue", "info").out


def test_build_writes_an_index_and_leaves_the_store_alone(stocked: Run, feed: Path, tmp_path: Path) -> None:
    feed.write_text(GOOD)
    index = tmp_path / "other.index"
    assert 0 == stocked("catalogue", "build", feed, "-o", index).code
    assert 2 == stocked("catalogue", "info", index, "--json").json["products"]
    assert 328 == stocked("catalogue", "info", "--json").json["products"]


def test_info_tells_of_an_import_that_was_stopped(stocked: Run, data: Path) -> None:
    assert "" == stocked("catalogue", "info", "--json").json["stopped_import"]
    version = stocked("catalogue", "info", "--json").json["version"]
    (data / "catalogue.under-way").write_text("another")
    assert "another" == stocked("catalogue", "info", "--json").json["stopped_import"]
    assert "sayso catalogue roll-back another" in stocked("catalogue", "info").err
    assert 0 == stocked("catalogue", "roll-back", version).code
    assert "" == stocked("catalogue", "info").err


def test_build_does_not_write_over_its_feed(run: Run, feed: Path, tmp_path: Path) -> None:
    feed.write_text(GOOD)
    (tmp_path / "same.csv").symlink_to(feed)
    for output in (feed, tmp_path / "same.csv"):
        outcome = run("catalogue", "build", feed, "-o", output)
        assert (2, True) == (outcome.code, "name another file with -o" in outcome.err)
    assert GOOD == feed.read_text()


def test_build_writes_over_an_index_and_nothing_else(stocked: Run, feed: Path, data: Path, tmp_path: Path) -> None:
    feed.write_text(GOOD)
    (kept,) = (data / "catalogues").glob("*.index")
    text = tmp_path / "notes.txt"
    text.write_text("mine")
    for output in (data / "sayso.db", data / "store.yaml", data / "catalogue.index", kept, text, tmp_path):
        before = output.read_bytes() if output.is_file() else b""
        refused = stocked("catalogue", "build", feed, "-o", output)
        assert 2 == refused.code, refused
        assert before == (output.read_bytes() if output.is_file() else b"")
    (tmp_path / "other.index").touch()  # as mktemp makes it
    for _ in range(2):
        assert 0 == stocked("catalogue", "build", feed, "-o", tmp_path / "other.index").code


def test_diff_says_that_a_database_is_no_feed(stocked: Run, feed: Path, data: Path) -> None:
    feed.write_text(GOOD)
    outcome = stocked("catalogue", "diff", data / "sayso.db", feed)
    assert (1, True) == (outcome.code, "sayso.db" in outcome.err), outcome


def test_build_refuses_bad_rows_and_writes_nothing(run: Run, feed: Path, tmp_path: Path) -> None:
    feed.write_text(BAD)
    index = tmp_path / "other.index"
    assert 1 == run("catalogue", "build", feed, "-o", index).code
    assert not index.exists()
    assert 0 == run("catalogue", "build", feed, "-o", index, "--keep-good").code
    assert index.exists()


def test_diff_tells_what_a_feed_would_change(stocked: Run, data: Path, feed: Path) -> None:
    rows = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
    removed = rows.pop(0)
    rows[0]["price"] = "9.99 USD"
    rows[1]["quantity"] = 77
    rows[2]["title"] = "Renamed Milk"
    rows[3]["brand"] = "Another Brand"
    rows.append({"sku": "new-thing", "title": "New Thing", "price": "1.00", "quantity": 1})
    rows[4]["price"] = "free"
    rows[5]["age_min"] = 18
    rows[6]["allergens"] = ["lupin"]
    feed.write_text("\n".join(json.dumps(row) for row in rows))
    outcome = stocked("catalogue", "diff", data / "catalogue.index", feed, "--json")
    compared = outcome.json
    counts = dict.fromkeys(("added", "removed", "bad", "price", "age", "allergens", "stock", "title", "other"), 1)
    assert counts == compared["counts"]
    assert (1, {"new": 1}) == (outcome.code, compared["refused"])
    (problem,) = compared["feeds"]["new"]["problems"]
    assert (5, "price_unreadable") == (problem["line"], problem["kind"])
    changes = compared["changes"]
    assert "new-thing" == changes["added"][0]["sku"]
    assert removed["sku"] == changes["removed"][0]["sku"]
    assert (rows[0]["sku"], "9.99 USD") == (changes["price"][0]["sku"], changes["price"][0]["after"])
    assert ("18", "lupin") == (changes["age"][0]["after"], changes["allergens"][0]["after"])
    assert "brand: Another Brand" == changes["other"][0]["after"]
    assert ("77", "Renamed Milk") == (changes["stock"][0]["after"], changes["title"][0]["after"])
    text = stocked("catalogue", "diff", data / "catalogue.index", feed)
    assert "added 1, removed 1, bad 1, price 1, age 1, allergens 1, stock 1, title 1, other 1" in text.out
    assert (rows[4]["sku"], "") == (changes["bad"][0]["sku"], changes["bad"][0]["after"])
    assert "1 rows of the new feed are bad" in text.err
    assert "free" in text.err
    assert "Error: an import would refuse" in text.err.splitlines()[-1]
    assert 1 == text.code


def test_a_catalogue_does_not_differ_from_its_own_feed(stocked: Run, data: Path) -> None:
    compared = stocked("catalogue", "diff", SAMPLE, data / "catalogue.index", "--json").json
    assert {0} == set(compared["counts"].values())


# Publishing


def test_a_built_index_is_published_with_its_prices_and_stock(stocked: Run, feed: Path, tmp_path: Path) -> None:
    feed.write_text(GOOD)
    stocked("catalogue", "build", feed, "-o", tmp_path / "built.index")
    published = stocked("catalogue", "publish", tmp_path / "built.index", "--json").json
    assert (True, 2) == (published["published"], published["products_count"])
    assert 2 == stocked("catalogue", "info", "--json").json["products"]
    found = stocked("catalogue", "search", "milk", "--json").json
    assert ["milk"] == [each["sku"] for each in found]


def test_a_feed_that_is_published_is_imported(run: Run, feed: Path) -> None:
    feed.write_text(GOOD)
    assert "Imported 2 products" in run("catalogue", "publish", feed).out


def test_rolling_back_brings_the_catalogue_before_and_its_prices(stocked: Run, feed: Path) -> None:
    feed.write_text(GOOD)
    stocked("catalogue", "import", feed)
    kept = stocked("catalogue", "history", "--json").json
    assert [2, 328] == [each["products"] for each in kept]
    assert kept[0]["version"] in stocked("catalogue", "history").out
    assert "Published 328 products" in stocked("catalogue", "roll-back").out
    assert 328 == stocked("catalogue", "info", "--json").json["products"]
    assert [328, 2] == [each["products"] for each in stocked("catalogue", "history", "--json").json]
    assert 0 == stocked("catalogue", "roll-back", kept[0]["version"]).code
    assert 2 == stocked("catalogue", "info", "--json").json["products"]


def test_there_is_nothing_to_roll_back_to_after_the_first_import(stocked: Run) -> None:
    outcome = stocked("catalogue", "roll-back")
    assert (1, "Error: there is no catalogue before this one to go back to\n") == (outcome.code, outcome.err)


def damage(index: Path) -> Path:
    """As a disk does it: the header is whole, and a page in the middle is not what was written."""
    content = bytearray(index.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    index.unlink()  # the store may have the same file under another name
    index.write_bytes(content)
    return index


@pytest.mark.parametrize("command", [("publish",), ("diff",)])
def test_a_damaged_index_is_told_of_before_it_is_in_place(
    stocked: Run, data: Path, tmp_path: Path, command: tuple[str]
) -> None:
    shutil.copyfile(data / "catalogue.index", tmp_path / "built.index")
    index = damage(tmp_path / "built.index")
    files = (index, data / "catalogue.index") if command == ("diff",) else (index,)
    outcome = stocked("catalogue", *command, *files)
    assert (1, 1) == (outcome.code, len(outcome.err.splitlines()))
    assert f"{index} is damaged" in outcome.err
    assert 328 == stocked("catalogue", "info", "--json").json["products"]


def test_a_kept_catalogue_that_is_damaged_is_not_gone_back_to(stocked: Run, data: Path, feed: Path) -> None:
    feed.write_text(GOOD)
    stocked("catalogue", "import", feed)
    before = stocked("catalogue", "history", "--json").json[1]["version"]
    damage(data / "catalogues" / f"{before}.index")
    assert "is damaged" in stocked("catalogue", "roll-back").err
    assert 2 == stocked("catalogue", "info", "--json").json["products"]


def test_searching_in_a_damaged_index_is_one_line_and_no_stack_trace(stocked: Run, data: Path) -> None:
    damage(data / "catalogue.index")
    with closing(sqlite3.connect(data / "catalogue.index")) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET rootpage=999999 WHERE name='category'")
        db.commit()
    outcome = stocked("catalogue", "info")
    assert (1, 1) == (outcome.code, len(outcome.err.splitlines()))
    assert "import the catalogue again" in outcome.err


def test_a_disk_that_is_full_is_one_line_and_no_stack_trace(stocked: Run, data: Path, tmp_path: Path) -> None:
    script = (
        "import resource, sys; from skill.cli import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); main()"
    )
    command = [sys.executable, "-c", script, "catalogue", "build", str(SAMPLE), "-o", str(tmp_path / "new.index")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (1, 1) == (ended.returncode, len(ended.stderr.splitlines())), ended.stderr
    assert "disk" in ended.stderr
    assert not (tmp_path / "new.index").exists()


# Sales

SALE = (
    "sku,title,price,quantity,sale_price,sale_price_effective_date\n"
    "milk,Whole Milk,4.49,3,3.99,{begins}/{first_end}\n"
    "tea,Black Tea,3.49,5,2.99,{begins}/{second_end}\n"
    "jam,Plum Jam,2.99,5,,\n"
)


@pytest.fixture
def on_sale(feed: Path) -> datetime:
    """A feed with two sales that are on. When the first of them ends."""
    now = datetime.now(UTC).replace(microsecond=0)
    ends = now + timedelta(days=1)
    feed.write_text(
        SALE.format(
            begins=(now - timedelta(days=1)).isoformat(),
            first_end=(now + timedelta(days=2)).isoformat(),
            second_end=ends.isoformat(),
        )
    )
    return ends


def end_sales(index: Path) -> None:
    """As if the index had been built two days before."""
    with closing(sqlite3.connect(index)) as db:
        db.execute("UPDATE meta SET value='2026-01-01T00:00:00+00:00' WHERE key='sales_end_at'")
        db.commit()


def test_info_and_import_tell_when_the_first_sale_ends(stocked: Run, data: Path, feed: Path, on_sale: datetime) -> None:
    assert (0, None, False) == sales_of(stocked)
    out = stocked("catalogue", "import", feed).out
    assert f"2 prices are those of sales; import again when the first of them ends: {on_sale:%Y-%m-%d %H:%M} UTC" in out
    assert (2, on_sale.isoformat(), False) == sales_of(stocked)
    end_sales(data / "catalogue.index")
    assert (2, "2026-01-01T00:00:00+00:00", True) == sales_of(stocked)


def sales_of(run: Run) -> tuple[int, str | None, bool]:
    info = run("catalogue", "info", "--json").json
    return info["sales"], info["sales_end_at"], info["sales_over"]


def test_prices_of_sales_that_are_over_are_not_published_unawares(
    stocked: Run, feed: Path, on_sale: datetime, tmp_path: Path
) -> None:
    index = tmp_path / "built.index"
    stocked("catalogue", "build", feed, "-o", index)
    end_sales(index)
    outcome = stocked("catalogue", "publish", index)
    assert 1 == outcome.code
    assert "2 prices of" in outcome.err
    assert "the first of these ended at 2026-01-01 00:00 UTC: import the feed of today" in outcome.err
    assert 328 == stocked("catalogue", "info", "--json").json["products"]
    assert "Published 3 products" in stocked("catalogue", "publish", index, "--ended-sales-too").out


def test_prices_of_sales_that_are_over_are_not_gone_back_to_unawares(
    stocked: Run, data: Path, feed: Path, on_sale: datetime
) -> None:
    stocked("catalogue", "import", feed)
    end_sales(data / "catalogue.index")
    feed.write_text(GOOD)
    stocked("catalogue", "import", feed)
    outcome = stocked("catalogue", "roll-back")
    assert (1, True) == (outcome.code, "--ended-sales-too" in outcome.err)
    assert 2 == stocked("catalogue", "info", "--json").json["products"]
    assert "Published 3 products" in stocked("catalogue", "roll-back", "--ended-sales-too").out


@pytest.mark.parametrize("version", ["7-none", "../../etc/passwd", ""])
def test_a_version_that_is_not_kept_is_refused(stocked: Run, version: str) -> None:
    outcome = stocked("catalogue", "roll-back", version or "-")
    assert 1 == outcome.code
    assert "sayso catalogue history" in outcome.err
