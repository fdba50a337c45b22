from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skill.errors import FeedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.feeds.conftest import ReadAll

GOOGLE = 'xmlns:g="http://base.google.com/ns/1.0"'
ITEM = (
    "<item><g:id>1</g:id><title>Tea</title><g:price>3.49 USD</g:price><g:availability>in_stock</g:availability></item>"
)


def rss(items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<rss version="2.0" {GOOGLE}><channel>{items}</channel></rss>'


def test_rss_is_read(read_all: ReadAll, samples: Path) -> None:
    feed, (milk, gloves) = read_all(samples / "google-rss.xml")
    assert ("google-xml", 0, 0) == (feed.format, feed.refused_count, len(feed.warnings))
    assert ("GR-1", "Organic Whole Milk", 449, ("Dairy", "Milk")) == (
        milk.sku,
        milk.title,
        milk.price.amount,
        milk.category,
    )
    assert ("Fresh milk One gallon", "https://shop.example/milk.jpg?a=1&b=2") == (milk.description, milk.image_url)
    assert ("GR-2", 0, (("color", "Black"),)) == (gloves.sku, gloves.stock, gloves.attributes)


def test_atom_with_any_prefix_is_read(read_all: ReadAll, samples: Path) -> None:
    _, (product,) = read_all(samples / "google-atom.xml")
    assert ("GR-1", "Crème brûlée", 350) == (product.sku, product.title, product.price.amount)


def test_problems_name_the_items_line_and_the_column_with_its_prefix(read_all: ReadAll) -> None:
    feed, _ = read_all(rss(f"\n{ITEM}\n" + ITEM.replace("3.49 USD", "3.49 EUR").replace(">1<", ">2<")))
    (problem,) = feed.problems
    assert (3, "g:price", "3.49 EUR", "currency_wrong") == (problem.line, problem.column, problem.value, problem.kind)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_encoding_that_the_xml_states_is_used(read_all: ReadAll, encoding: str) -> None:
    text = rss(ITEM.replace("Tea", "Thé glacé")).replace('"1.0"?', f'"1.0" encoding="{encoding}"?')
    _, (product,) = read_all(text.encode(encoding))
    assert "Thé glacé" == product.title


def test_hidden_products_are_left_out(read_all: ReadAll) -> None:
    feed, products = read_all(rss(ITEM.replace("<title>", "<g:status>archived</g:status><title>")))
    assert ([], 1, 0) == (products, feed.left_out_count, feed.refused_count)


def test_a_price_that_comes_twice_is_refused(read_all: ReadAll) -> None:
    twice = ITEM.replace("<g:availability>", "<g:price>34.90 USD</g:price><g:availability>")
    feed, products = read_all(rss(twice + ITEM.replace(">1<", ">2<")))
    assert ["2"] == [product.sku for product in products]
    (problem,) = feed.problems
    assert ("g:price", "34.90 USD", "key_twice") == (problem.column, problem.value, problem.kind)


def test_pictures_and_what_says_the_same_again_may_come_twice(read_all: ReadAll) -> None:
    more = "<g:price>3.49 USD</g:price><g:image_link>https://a.example/1</g:image_link><g:image_link>https://a.example/2</g:image_link>"
    feed, (product,) = read_all(rss(ITEM.replace("<g:availability>", f"{more}<g:availability>")))
    assert (0, "https://a.example/1") == (feed.refused_count, product.image_url)


def test_the_summary_of_an_atom_entry_is_its_description(read_all: ReadAll) -> None:
    entry = ITEM.replace("item>", "entry>").replace("<title>", "<summary>Black, from Assam</summary><title>")
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" {GOOGLE}>{entry}</feed>'
    _, (product,) = read_all(atom)
    assert "Black, from Assam" == product.description


def test_of_several_types_all_are_kept(read_all: ReadAll) -> None:
    types = "<g:product_type>Cellar &gt; Reds</g:product_type><g:product_type>Wine</g:product_type>"
    google = "<g:google_product_category>421</g:google_product_category>"
    _, (product,) = read_all(rss(ITEM.replace("<title>", types + google + "<title>")))
    assert (
        "Food, Beverages & Tobacco",
        "Beverages",
        "Alcoholic Beverages",
        "Cellar",
        "Reds",
        "Wine",
    ) == product.category


@pytest.mark.parametrize(
    ("elements", "left_out"),
    [
        ("<g:subscription_cost><g:period>month</g:period><g:amount>35.00 USD</g:amount></g:subscription_cost>", 1),
        ("<g:installment><g:months>6</g:months><g:downpayment>1.00 USD</g:downpayment></g:installment>", 1),
        ("<g:installment><g:months>6</g:months><g:amount>50.00 USD</g:amount></g:installment>", 0),
    ],
)
def test_contracts_are_left_out(read_all: ReadAll, elements: str, left_out: int) -> None:
    feed, products = read_all(rss(ITEM.replace("<title>", elements + "<title>")))
    assert (left_out, 1 - left_out, 0) == (feed.left_out_count, len(products), feed.refused_count)


BILLION_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "head",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://shop.example/rss.dtd">',
        '<!DOCTYPE rss [<!ENTITY % more SYSTEM "file:///etc/passwd"> %more;]>',
        "<!DOCTYPE rss>",
    ],
)
def test_document_types_and_entities_are_refused(read_all: ReadAll, head: str) -> None:
    with pytest.raises(FeedError, match="remove the <!DOCTYPE"):
        read_all(rss(ITEM.replace("Tea", "&h;"), head))


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (rss(ITEM)[:-30], "export the feed again"),
        (rss("<item><title>Tea < milk</title></item>"), "a < in a text is written &lt;"),
        (rss(ITEM).replace(GOOGLE, ""), 'declare xmlns:g="http://base.google.com/ns/1.0"'),
        (rss("<a>" * 60), "more than 40 elements inside each other"),
        (rss("<!--" + "x" * 3_000_000), "does not end"),
        (rss('<item a="' + "x" * 3_000_000), "does not end"),
        (rss("<channel>no items</channel>"), "no <item>"),
        ("<html><body>Not found</body></html>", "is a web page"),
        ("\n<!DOCTYPE html>\n<html lang='en'>", "download the feed itself"),
        ('<?xml version="1.0" encoding="klingon"?><rss/>', "state its encoding in the first line as it is"),
        ('<?xml version="1.0" encoding="utf-16"?><rss/>', "state its encoding in the first line as it is"),
        (rss(ITEM).encode() + b"\xff", "broken at line 1"),
        (rss(ITEM.replace("Tea", "Thé")).encode("windows-1252"), "letters that are not UTF-8; state its encoding"),
    ],
)
def test_xml_that_is_no_feed_says_where_and_what_to_do(read_all: ReadAll, content: str | bytes, remedy: str) -> None:
    with pytest.raises(FeedError, match=remedy):
        read_all(content, format="google-xml")


def test_items_without_the_required_fields_are_one_clear_error(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match="lacks these columns: id; price; availability"):
        read_all(rss("<item><title>News of the day</title><link>https://shop.example</link></item>" * 3))


def test_a_field_of_many_megabytes_is_cut_while_it_is_read(read_all: ReadAll) -> None:
    _, (product,) = read_all(
        rss(ITEM.replace("<title>", "<description>" + "word " * 500_000 + "</description><title>"))
    )
    assert len(product.description) <= 2000


def test_many_items_are_streamed_with_progress(read_all: ReadAll) -> None:
    items = "".join(ITEM.replace(">1<", f">{n}<") for n in range(2000))
    feed, products = read_all(rss(items))
    assert 2000 == len(products)
    seen = [feed.bytes_read for _ in feed]
    assert seen[0] < feed.bytes_total == seen[-1]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Salt & Vinegar", "Salt & Vinegar"),
        ("Salt &amp; Vinegar", "Salt & Vinegar"),
        ("<![CDATA[Salt & Vinegar]]>", "Salt & Vinegar"),
        ("Salt&nbsp;&eacute;t&eacute;", "Salt été"),
        ("Salt &unknown; tea", "Salt &unknown; tea"),
        ("AT&T; &#233;t&#xe9;", "AT&T; été"),
        ("Tea \x0b\x01&#1;&#x1f;bags", "Tea bags"),
        ("&", "&"),
    ],
)
def test_what_xml_forbids_and_can_mean_one_thing_only_is_read_so(read_all: ReadAll, written: str, title: str) -> None:
    feed, (tea,) = read_all(rss(ITEM.replace("Tea", written)))
    assert (title, 0) == (tea.title, feed.refused_count)


def test_a_bare_ampersand_in_an_address_is_read(read_all: ReadAll) -> None:
    link = "<g:image_link>https://shop.example/i?a=1&copy=2&b=3</g:image_link></item>"
    _, (tea,) = read_all(rss(ITEM.replace("</item>", link)))
    assert "https://shop.example/i?a=1&copy=2&b=3" == tea.image_url


def test_an_entity_may_lie_across_chunks(read_all: ReadAll) -> None:
    item = ITEM.replace("Tea", "Tea &nbsp;& &eacute;")
    before = rss("").index("</channel>") + len("<!---->") + item.index("&nbsp;")
    for at in range(65_536 - 20, 65_536):
        _, (tea,) = read_all(rss(f"<!--{'x' * (at - before)}-->{item}"))
        assert "Tea & é" == tea.title


@pytest.mark.parametrize("blank", ["\n\n  ", "\ufeff\n", "\ufeff"])
def test_blank_lines_before_the_declaration_are_passed_over(read_all: ReadAll, blank: str) -> None:
    bad = ITEM.replace("3.49 USD", "free")
    feed, products = read_all(blank + rss("\n" + bad))
    assert [] == products
    assert [1 + blank.count("\n") + 1] == [problem.line for problem in feed.problems]


@pytest.mark.parametrize("namespace", ["https://base.google.com/ns/1.0", "http://base.google.com/ns/1.0/"])
def test_googles_namespace_is_known_as_shops_write_it(read_all: ReadAll, namespace: str) -> None:
    _, (tea,) = read_all(rss(ITEM).replace("http://base.google.com/ns/1.0", namespace))
    assert ("1", "Tea") == (tea.sku, tea.title)


def test_all_allergens_of_an_item_count(read_all: ReadAll) -> None:
    more = "<allergens>milk</allergens><allergens>soy</allergens></item>"
    _, (tea,) = read_all(rss(ITEM.replace("</item>", more)))
    assert ("milk", "soy") == tea.allergens


def test_a_pack_of_several_says_so(read_all: ReadAll) -> None:
    _, (tea,) = read_all(rss(ITEM.replace("</item>", "<g:multipack>6</g:multipack></item>")))
    assert "Tea, pack of 6" == tea.title


def test_a_variants_colour_that_is_a_code_is_not_read_aloud(read_all: ReadAll) -> None:
    more = "<g:item_group_id>t</g:item_group_id><g:color>#00ff00</g:color></item>"
    feed, (tea,) = read_all(rss(ITEM.replace("</item>", more)))
    assert ("Tea", ["unsayable"]) == (tea.title, [each.kind for each in feed.warnings])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (rss(ITEM).encode(), "utf-8"),
        (rss(ITEM).replace('"1.0"?', '"1.0" encoding="Windows-1252"?').encode("windows-1252"), "windows-1252"),
        (rss(ITEM).replace('"1.0"?', '"1.0" encoding="utf-16"?').encode("utf-16"), "utf-16"),
    ],
)
def test_the_encoding_of_a_feed_is_told(read_all: ReadAll, content: bytes, encoding: str) -> None:
    feed, products = read_all(content)
    assert (encoding, 1) == (feed.encoding, len(products))
