from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import FeedError
from skill.feeds import FORMATS, read_feed
from skill.feeds.feed import PROBLEMS_KEPT_MAX
from skill.feeds.text import plain_text, without_pictures

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from skill.feeds import Feed
    from skill.shop.catalogue import Product
    from tests.feeds.conftest import ReadAll

HEADER = "sku,title,price,quantity\n"
ROW = "1,Milk,4.49,3\n"


@pytest.mark.parametrize(
    ("sample", "format_name"),
    [
        ("google.txt", "google-tsv"),
        ("google-rss.xml", "google-xml"),
        ("google-atom.xml", "google-xml"),
        ("meta.csv", "meta-csv"),
        ("shopify.csv", "shopify-csv"),
        ("shopify-new.csv", "shopify-csv"),
        ("woocommerce.csv", "woocommerce-csv"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_is_told_by_its_content(
    read_all: ReadAll, samples: Path, sample: str, format_name: str, packed: bool
) -> None:
    content = (samples / sample).read_bytes()
    feed, products = read_all(gzip.compress(content) if packed else content)
    assert format_name == feed.format
    assert products
    assert 0 == feed.refused_count
    assert feed.bytes_total == feed.bytes_read


def test_google_tsv_is_read(read_all: ReadAll, samples: Path) -> None:
    _, (milk, gloves, game) = read_all(samples / "google.txt")
    category = ("Food, Beverages & Tobacco", "Food Items", "Dairy Products", "Dairy", "Milk")
    assert ("GR-1", 399, "1 gal", category, 20) == (
        milk.sku,
        milk.price.amount,
        milk.size,
        milk.category,
        milk.stock,
    )
    assert ("Fresh milk & cream on top", "400000010557") == (milk.description, milk.gtin)
    assert ((("color", "Black"),), ()) == (gloves.attributes, gloves.category)
    assert (18, 0, 2400) == (game.age_min, game.stock, game.price.amount)


@pytest.mark.parametrize(
    ("row", "category"),
    [
        ("Cellar > Reds\tFood, Beverages & Tobacco > Beverages > Alcoholic Beverages > Wine",
         ("Food, Beverages & Tobacco", "Beverages", "Alcoholic Beverages", "Wine", "Cellar", "Reds")),
        ("Cellar > Reds\t421", ("Food, Beverages & Tobacco", "Beverages", "Alcoholic Beverages", "Wine", "Cellar", "Reds")),
        ("\t421 - Drinks > Wine", ("Drinks", "Wine")),
        ("Food > Wine, Cellar > Reds\t", ("Cellar", "Wine", "Food", "Wine, Cellar", "Reds")),
        ("Wine > Reds\t421", ("Food, Beverages & Tobacco", "Beverages", "Alcoholic Beverages", "Wine", "Reds")),
        ("Cigars\t3682", ("Food, Beverages & Tobacco", "Tobacco Products", "Cigars")),
        ("Clothing > Dresses\t2271", ("Clothing", "Dresses")),
        ("\t2271", ()),
    ],
)  # fmt: skip
def test_every_category_that_google_and_the_store_give_is_kept(
    read_all: ReadAll, row: str, category: tuple[str, ...]
) -> None:
    header = "id\ttitle\tprice\tavailability\tproduct_type\tgoogle_product_category\n"
    _, (product,) = read_all(header + f"1\tRosso\t9.00 USD\tin_stock\t{row}\n")
    assert category == product.category


def test_a_table_with_several_columns_of_categories_keeps_them_all(read_all: ReadAll) -> None:
    _, (product,) = read_all("sku,title,price,quantity,department,category\n1,Rosso,9.00,3,Wine,Cellar > Reds\n")
    assert ("Wine", "Cellar", "Reds") == product.category


def test_variants_of_a_group_can_be_told_apart_by_ear(read_all: ReadAll) -> None:
    header = "id\ttitle\tprice\tavailability\titem_group_id\tcolor\tpattern\tmaterial\tsize\n"
    rows = (
        "1\tT-Shirt\t9.00 USD\tin_stock\tg\tRoyal Blue\t\tcotton\tXL\n"
        "2\tT-Shirt\t9.00 USD\tin_stock\tg\tBlack/White\tStriped\tcotton\tS/M\n"
        "3\tT-Shirt, red\t9.00 USD\tin_stock\tg\tRed\t\t\tOS\n"
        "4\tRing\t9.00 USD\tin_stock\th\t\t\tSilver\t7\n"
        "5\tMug\t9.00 USD\tin_stock\t\tGreen\t\t\t\n"
        f"6\t{'Long ' * 38}\t9.00 USD\tin_stock\tg\tForest Green\t\t\t\n"
    )
    _, products = read_all(header + rows)
    *others, long = [(product.title, product.size) for product in products]
    assert [
        ("T-Shirt, Royal Blue", "extra large"),
        ("T-Shirt, Black, White, Striped", "small to medium"),
        ("T-Shirt, red", "one size"),
        ("Ring, Silver", "7"),
        ("Mug", ""),
    ] == others
    assert long[0].endswith("Long, Forest Green")
    assert len(long[0]) <= 200


def test_letters_of_sizes_are_said_in_the_language_of_the_feed(read_all: ReadAll) -> None:
    content = "sku,title,price,quantity,size\n1,Maglia,9.00,3,XXL\n"
    assert ["doppia extra large"] == [product.size for product in read_all(content, language="it")[1]]


@pytest.mark.parametrize(
    ("field", "value", "left_out"),
    [
        ("expiration_date", "2026-11-20", {"expired": 1}),
        ("expiration_date", "2026-11-21", {}),  # the day on which the feed is read
        ("expiration_date", "2026-11-21T12:00+0000", {"expired": 1}),
        ("expiration_date", "2026-11-21T12:01+0000", {}),
        ("subscription_cost", "month:24:35.00 USD", {"contract": 1}),
        ("installment", "6:50.00 USD", {}),
        ("installment", "6:50.00 USD:1.00 USD:finance", {"contract": 1}),
        ("installment", "6:50.00 USD::finance", {}),
    ],
)
def test_an_offer_that_is_over_or_a_contract_is_left_out(
    read_all: ReadAll, field: str, value: str, left_out: dict[str, int]
) -> None:
    feed, products = read_all(f"id\ttitle\tprice\tavailability\t{field}\n1\tPhone\t1.00 USD\tin_stock\t{value}\n")
    assert (left_out, 0, 1) == (feed.left_out_kinds, feed.refused_count, feed.rows_count)
    assert (not left_out) == bool(products)


def test_an_end_of_an_offer_that_is_no_date_is_refused(read_all: ReadAll) -> None:
    feed, _ = read_all("id\ttitle\tprice\tavailability\texpiration_date\n1\tTea\t1.00 USD\tin_stock\tsoon\n")
    assert [("expiration_date", "expiration_invalid")] == [(each.column, each.kind) for each in feed.problems]


def test_a_refurbished_thing_is_called_so(read_all: ReadAll) -> None:
    _, (product,) = read_all("id\ttitle\tprice\tavailability\tcondition\n1\tPhone Y\t9 USD\tin_stock\tRefurbished\n")
    assert "refurbished Phone Y" == product.title


def test_metas_catalogue_is_read(read_all: ReadAll, samples: Path) -> None:
    feed, (shirt, hat) = read_all(samples / "meta.csv")
    assert (499, 75, ("clothing & accessories", "clothing")) == (shirt.price.amount, shirt.stock, shirt.category)
    assert 0 == hat.stock
    assert 1 == feed.left_out_count


def test_a_sale_that_is_over_is_not_charged(samples: Path, now_after_sale: datetime) -> None:
    prices = [product.price.amount for product in read_feed(samples / "meta.csv", currency="USD", now=now_after_sale)]
    assert [999, 1900] == prices


@pytest.fixture
def now_after_sale() -> datetime:
    from datetime import UTC, datetime

    return datetime(2026, 12, 24, tzinfo=UTC)


def test_the_format_can_be_said(read_all: ReadAll) -> None:
    content = "id,title,price,availability\n1,Milk,4.49 USD,in_stock\n"
    assert "meta-csv" == read_all(content)[0].format
    assert "google-tsv" == read_all(content, format="google-tsv")[0].format
    assert "csv" == read_all(content, format="csv")[0].format
    with pytest.raises(FeedError, match="lacks these columns: handle"):
        read_all(content, format="shopify-csv")
    with pytest.raises(FeedError, match="choose one of csv, jsonl"):
        read_all(content, format="xlsx")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_every_encoding_brings_the_same_product(read_all: ReadAll, codec: str, kind: str) -> None:
    row = {"sku": "1", "title": "Crème brûlée – “très” bon", "price": "4.49", "quantity": "3"}
    content = ",".join(row) + "\n" + ",".join(row.values()) if kind == "csv" else json.dumps(row, ensure_ascii=False)
    feed, products = read_all((content + "\n").encode(codec))
    assert ["Crème brûlée – “très” bon"] == [product.title for product in products]
    assert kind == feed.format
    assert (codec == "windows-1252") == bool(feed.notes)


def test_the_encoding_can_be_said(read_all: ReadAll) -> None:
    content = (HEADER + "1,Γάλα,4.49,3\n").encode("iso-8859-7")
    feed, products = read_all(content, encoding="ISO-8859-7")
    assert (["Γάλα"], "iso8859-7", ()) == ([product.title for product in products], feed.encoding, feed.notes)
    assert ["Γάλα"] == [product.title for product in read_all(content, language="el")[1]]


@pytest.mark.parametrize("name", ["klingon", "base64"])
def test_an_encoding_that_there_is_not_is_refused(read_all: ReadAll, name: str) -> None:
    with pytest.raises(FeedError, match=f"there is no encoding {name}: write one such as"):
        read_all(HEADER + ROW, encoding=name)


def test_xml_states_its_encoding_itself(read_all: ReadAll, samples: Path) -> None:
    with pytest.raises(FeedError, match="correct it there"):
        read_all(samples / "google-rss.xml", encoding="utf-8")


def test_a_row_with_bytes_of_another_encoding_is_refused_alone(read_all: ReadAll) -> None:
    content = (HEADER + "1,Crème,4.49,3\n2,Brûlée,4.49,3\n").encode() + b"3,Caf\xe9,4.49,3\n"
    feed, products = read_all(content)
    assert ["1", "2"] == [product.sku for product in products]
    (problem,) = feed.problems
    assert (4, "title", "encoding") == (problem.line, problem.column, problem.kind)
    assert "UTF-8" in problem.remedy


def test_the_second_of_two_rows_with_one_sku_is_refused_and_names_the_first(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + ROW + "2,Tea,3.49,1\n" + "1,Jam,2.99,1\n")
    assert ["Milk", "Tea"] == [product.title for product in products]
    (problem,) = feed.problems
    assert (4, "sku", "1", "sku_twice") == (problem.line, problem.column, problem.value, problem.kind)
    assert "line 2" in problem.remedy


def test_a_refused_row_does_not_take_its_sku(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + "1,Jam,free,1\n" + ROW)
    assert ["Milk"] == [product.title for product in products]
    assert 1 == feed.refused_count


def test_a_feed_can_be_read_again_and_counts_anew(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + ROW + "2,Tea,free,1\n")
    assert products == list(feed)
    assert (2, 1, 1, 1) == (feed.rows_count, feed.products_count, feed.refused_count, len(feed.problems))


def test_a_feed_that_is_left_in_the_middle_lets_its_file_go(read_all: ReadAll) -> None:
    feed, _ = read_all(HEADER + ROW + "2,Tea,3.49,1\n")
    reading = iter(feed)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # an unclosed file would be a ResourceWarning, which is an error here


def test_all_problems_are_counted_and_the_first_are_kept(read_all: ReadAll) -> None:
    count = PROBLEMS_KEPT_MAX + 200
    feed, _ = read_all(HEADER + "".join(f"{n},Tea,free,-1\n" for n in range(count)))
    assert (count, PROBLEMS_KEPT_MAX) == (feed.refused_count, len(feed.problems))
    assert {"price_unreadable": count, "quantity_invalid": count} == feed.problem_kinds


def test_in_stock_without_a_number_is_a_number_that_can_be_set(read_all: ReadAll) -> None:
    content = "id,title,price,availability\n1,Milk,4.49 USD,in_stock\n"
    assert [20] == [product.stock for product in read_all(content)[1]]
    assert [5] == [product.stock for product in read_all(content, quantity_presumed=5)[1]]


@pytest.mark.parametrize(
    ("currency", "price", "amount"), [("JPY", "449", 449), ("KWD", "4.490", 4490), ("EUR", "4.49 €", 449)]
)
def test_prices_are_in_the_minor_units_of_the_stores_currency(
    read_all: ReadAll, currency: str, price: str, amount: int
) -> None:
    _, (product,) = read_all(HEADER + f"1,Milk,{price},3\n", currency=currency)
    assert (amount, currency) == (product.price.amount, product.price.currency)


def test_memory_does_not_grow_with_the_feed(tmp_path: Path, read_all: ReadAll) -> None:
    def peak_kib(rows: int) -> int:
        content = "".join(f"{n},Milk of farm {n},4.49,3\n" for n in range(rows))
        (tmp_path / "big.csv").write_text(HEADER + content)
        feed, _ = read_all(HEADER + ROW)  # what is imported on the way is counted before
        feed = read_feed(tmp_path / "big.csv", currency="USD", now=feed.reading.now)
        tracemalloc.start()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for _ in feed:
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return (peak - before) // 1024

    assert peak_kib(12_000) < peak_kib(3_000) + 256


# --- feeds that Hypothesis writes -------------------------------------------------------------------------------------

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=30
).filter(lambda text: "<" not in text and "&" not in text)


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows that ought to be read, with what they ought to become."""
    titles = draw(
        st.lists(NAMES.filter(lambda text: plain_text(without_pictures(text), 200) != ""), min_size=1, max_size=6)
    )
    return [
        {
            "sku": f"sku-{number}",
            "title": title,
            "price": f"{draw(st.integers(1, 10**9)) / 100:.2f}",
            "quantity": str(draw(st.integers(0, 10**6))),
            "brand": draw(NAMES),
            "description": draw(NAMES),
            "rating": str(draw(st.integers(0, 50)) / 10),
        }
        for number, title in enumerate(titles)
    ]


def written_as_csv(rows: list[dict[str, Any]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def expected(row: dict[str, Any]) -> tuple[Any, ...]:
    minor = int(row["price"].replace(".", ""))
    texts = (plain_text(row[name], 200) for name in ("brand", "description"))
    # Nobody says the picture of a cake.
    title = plain_text(without_pictures(row["title"]), 200)
    return row["sku"], title, *texts, minor, int(row["quantity"]), int(row["rating"].replace(".", ""))


def got(product: Product) -> tuple[Any, ...]:
    return (
        product.sku, product.title, product.brand, product.description,
        product.price.amount, product.stock, product.rating_tenths,
    )  # fmt: skip


def read_back(content: bytes, folder: Path) -> tuple[Feed, list[Product]]:
    from datetime import UTC, datetime

    path = folder / "feed"
    path.write_bytes(content)
    feed = read_feed(path, currency="USD", now=datetime(2026, 11, 21, tzinfo=UTC))
    return feed, list(feed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@given(rows(), st.sampled_from(",\t;|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_is_written_as_csv_is_read_back(
    folder: Path, rows: list[dict[str, Any]], delimiter: str, codec: str
) -> None:
    feed, products = read_back(written_as_csv(rows, delimiter).encode(codec), folder)
    assert [] == feed.problems
    assert [expected(row) for row in rows] == [got(product) for product in products]


@given(rows(), st.booleans())
def test_what_is_written_as_json_lines_is_read_back(folder: Path, rows: list[dict[str, Any]], escaped: bool) -> None:
    content = "\n".join(json.dumps(row, ensure_ascii=escaped) for row in rows)
    feed, products = read_back(content.encode(), folder)
    assert [] == feed.problems
    assert [expected(row) for row in rows] == [got(product) for product in products]


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", HEADER.encode(), b"{", b"<?xml version='1.0'?><rss>", b"\xff\xfe", b"\x1f\x8b"]),
)
def test_any_bytes_are_read_or_refused_with_a_sentence(folder: Path, content: bytes, head: bytes) -> None:
    refusal = ""
    try:
        feed, products = read_back(head + content, folder)
    except FeedError as error:
        refusal = str(error)
    if refusal:
        assert len(refusal) > 20
        return
    assert feed.products_count == len(products)
    assert feed.rows_count == feed.products_count + feed.refused_count + feed.left_out_count


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.text(max_size=5), st.lists(st.integers())), max_size=3),
)  # fmt: skip
FIELDS = st.sampled_from(
    ["sku", "title", "price", "quantity", "availability", "sale_price", "sale_price_effective_date", "brand", "category",
     "description", "rating", "reviews_count", "age_min", "adult", "allergens", "gtin", "image_url", "attributes"]
)  # fmt: skip


@given(st.dictionaries(FIELDS, CELLS, max_size=12))
def test_any_cell_in_any_column_is_taken_or_named_with_a_remedy(folder: Path, cells: dict[str, Any]) -> None:
    good = {"sku": "0", "title": "Tea", "price": "1", "quantity": "1"}
    content = json.dumps(good) + "\n" + json.dumps(good | {"sku": "1"} | cells)
    feed, products = read_back(content.encode(), folder)
    assert 1 <= len(products) == 2 - feed.refused_count
    for problem in feed.problems + feed.warnings:
        assert problem.column
        assert problem.kind.isidentifier()
        assert len(problem.remedy.split()) >= 4


def test_the_formats_that_can_be_said_are_the_documented_ones() -> None:
    assert ("csv", "jsonl", "google-tsv", "google-xml", "meta-csv", "shopify-csv", "woocommerce-csv") == FORMATS


@pytest.mark.parametrize("column", ["product_type", "categories"])
def test_every_path_in_a_cell_of_several_counts(read_all: ReadAll, column: str) -> None:
    _, (product,) = read_all(f'sku,title,price,quantity,{column}\n1,House Red,9.00,3,"Food > Wine, Cellar > Reds"\n')
    assert {"Wine", "Reds"} <= set(product.category)


def test_a_category_of_a_plain_table_is_one_path(read_all: ReadAll) -> None:
    _, (product,) = read_all(
        'sku,title,price,quantity,category\n1,Syrup,9.00,3,"Health > Cold, stomach and first aid"\n'
    )
    assert ("Health", "Cold, stomach and first aid") == product.category


@pytest.mark.parametrize("column", ["Subcategory", "Sub-Category"])
def test_a_subcategory_counts_beside_its_category(read_all: ReadAll, column: str) -> None:
    feed, (product,) = read_all(f"sku,title,price,quantity,category,{column}\n1,House Red,9.00,3,Drinks,Wine\n")
    assert {"Drinks", "Wine"} == set(product.category)
    assert () == feed.notes


def test_keys_and_elements_that_mean_nothing_are_told_once_they_were_read(read_all: ReadAll) -> None:
    row = '{"sku": "%d", "title": "Tea", "price": 1.25, "quantity": 3, "Shelf No": 4, "diet": "vegan"}\n'
    feed, products = read_all("".join(row % number for number in range(30)))
    assert (30, ("columns that were not used: Shelf No",)) == (len(products), feed.notes)
    assert 30 == len(list(feed))
    assert ("columns that were not used: Shelf No",) == feed.notes

    feed, _ = read_all(
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><item><guid>1</guid><g:id>1</g:id><g:title>Tea</g:title>'
        "<g:price>1.25 USD</g:price><g:availability>in stock</g:availability><g:shelf>4</g:shelf><g:mpn>5</g:mpn></item>"
        "</channel></rss>"
    )
    (note,) = feed.notes
    assert "shelf" in note
    assert "mpn" not in note
    assert "guid" not in note


@pytest.mark.parametrize("column", ["age_min", "age_limit", "min_age", "minimum_age", "age_restriction"])
def test_a_least_age_is_read_by_whichever_name(read_all: ReadAll, column: str) -> None:
    _, (product,) = read_all(f'{{"sku": "1", "title": "Red", "price": 9, "quantity": 3, "{column}": 18}}\n')
    assert 18 == product.age_min
    _, (product,) = read_all(
        f"id\ttitle\tprice\tavailability\tlink\t{column}\n1\tRed\t9.00 USD\tin stock\thttps://x.example/1\t18\n"
    )
    assert 18 == product.age_min
