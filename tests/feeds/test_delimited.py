from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skill.errors import FeedError

if TYPE_CHECKING:
    from tests.feeds.conftest import ReadAll

HEADER = "sku,title,price,quantity\n"
ROW = "1,Milk,4.49,3\n"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_line_end_is_read(read_all: ReadAll, delimiter: str, end: str) -> None:
    lines = (["sku", "title", "price", "quantity"], ["1", "Milk", "4.49", "3"], ["2", "Tea", "3.49", "0"])
    feed, products = read_all(end.join(delimiter.join(line) for line in lines))
    assert "csv" == feed.format
    assert [("1", "Milk", 449, 3), ("2", "Tea", 349, 0)] == [
        (p.sku, p.title, p.price.amount, p.stock) for p in products
    ]


def test_quoted_cells_may_have_delimiters_quotes_and_lines(read_all: ReadAll) -> None:
    rows = '1,Milk,4.49,3,"Milk, ""fresh""\nand cold, 2, 3.00, 4"\n2,Tea,3.49,1,\n'
    _, products = read_all(HEADER.replace("\n", ",description\n") + rows)
    assert [("Milk", 'Milk, "fresh" and cold, 2, 3.00, 4'), ("Tea", "")] == [(p.title, p.description) for p in products]


def test_columns_have_many_names_and_any_order(read_all: ReadAll) -> None:
    _, products = read_all("Price;Product Name;Stock;UPC;ID;Brand;Diet\n4.49;Milk;3;400000010076;1;Hillside;organic\n")
    (milk,) = products
    assert ("1", "Milk", 3, "400000010076", "Hillside") == (milk.sku, milk.title, milk.stock, milk.gtin, milk.brand)
    assert (("diet", "organic"),) == milk.attributes


def test_comments_and_excels_hint_before_the_header_are_passed_over(read_all: ReadAll) -> None:
    feed, products = read_all("sep=;\n# Required | the id;# Required\n\nsku;title;price;quantity\n1;Milk;4.49;x\n")
    assert [] == products
    assert 5 == feed.problems[0].line


def test_columns_that_mean_nothing_are_noted(read_all: ReadAll) -> None:
    feed, _ = read_all("sku,title,price,quantity,Shelf Number\n1,Milk,4.49,3,A4\n")
    assert ("columns that were not used: Shelf Number",) == feed.notes


def test_lines_are_counted_as_an_editor_counts_them(read_all: ReadAll) -> None:
    feed, products = read_all("description," + HEADER + '"Two\nlines",1,Jam,1.00,1\n\n,2,Tea,free,1\n')
    assert 1 == len(products)
    assert [(5, "price")] == [(problem.line, problem.column) for problem in feed.problems]


def test_a_row_with_too_many_cells_is_refused(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + "1,Milk, fresh,4.49,3\n2,Tea,3.49,1\n3,Jam,2.99,1,,\n")
    assert ["2", "3"] == [product.sku for product in products]
    (problem,) = feed.problems
    assert (2, "cells_too_many") == (problem.line, problem.kind)
    assert "comma" in problem.remedy


def test_a_row_with_too_few_cells_is_refused(read_all: ReadAll) -> None:
    # What is missing may be the age limit of what is in the bottle.
    feed, products = read_all(
        "sku,title,price,quantity,age_min,,\n1,Red Wine,9.00,3\n2,Tea,3.49,1,\n3,Gin,19.00,1,21,,\n"
    )
    assert [("2", 0), ("3", 21)] == [(product.sku, product.age_min) for product in products]
    (problem,) = feed.problems
    assert (2, "cells_too_few", "1,Red Wine,9.00,3") == (problem.line, problem.kind, problem.value)
    assert "the row has 4 cells and the header 5: write each cell that is empty, too" in problem.remedy


def test_lines_without_anything_in_them_are_no_rows(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + ROW + ",,,\n\n   \n , \n")
    assert (1, 1, 0) == (len(products), feed.rows_count, feed.refused_count)


def test_a_quote_that_is_not_closed_is_named_and_the_rows_after_it_are_read(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + '1,"Milk,4.49,3\n2,Tea,3.49,1\n3,"Jam",2.99,1\n4,Oats,1.99,1\n')
    assert ["2", "3", "4"] == [product.sku for product in products]
    (problem,) = feed.problems
    assert ("quotes_broken", 2, "lines 2 to 4") == (problem.kind, problem.line, problem.value)
    assert 'twice ("")' in problem.remedy


def test_one_open_quote_costs_one_row(read_all: ReadAll) -> None:
    rows = "".join(f"{n},Tea {n},3.49,1\n" for n in range(2, 302))
    feed, products = read_all(HEADER + '1,"Milk,4.49,3\n' + rows)
    assert (300, 1, 301) == (len(products), feed.refused_count, feed.rows_count)


def test_a_quote_that_is_open_at_the_end_is_named(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + '1,Tea,3.49,1\n2,"Milk,4.49,3\n')
    assert ["1"] == [product.sku for product in products]
    assert ["quotes_broken"] == [problem.kind for problem in feed.problems]


GOOGLE_TSV = "id\ttitle\tdescription\tprice\tavailability\n"


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (GOOGLE_TSV + '1\tTV\t" 65 inch feel\t499.00 USD\tin_stock\n2\tMonitor\tsmall, 15"\t99.00 USD\tin_stock\n', "description"),
        (GOOGLE_TSV + '1\t" 65 inch TV\tBig\t499.00 USD\tin_stock\n2\tMonitor, 15"\tSmall\t99.00 USD\tin_stock\n', "title"),
        (HEADER.replace("price", "description,price") + '1,TV," 65 inch,499.00,1\n2,Monitor,15",99.00,1\n', "description"),
        (HEADER.replace("\n", ",description\n") + '1,TV,499.00,1," 65 inch\n2,Monitor,99.00,1,15"\n', "description"),
        (HEADER + '1," 65 inch TV,499.00,1\n2,Monitor 15",99.00,1\n', "title"),
    ],
)  # fmt: skip
def test_a_stray_quote_does_not_run_two_rows_together(read_all: ReadAll, content: str, column: str) -> None:
    feed, products = read_all(content)
    assert [("2", 9900)] == [(product.sku, product.price.amount) for product in products]
    (problem,) = feed.problems
    assert (2, column, "cell_of_many_lines") == (problem.line, problem.column, problem.kind)
    assert "opens in line 2 closes in line 3" in problem.remedy


def test_the_line_in_which_a_quote_opens_is_that_of_its_cell(read_all: ReadAll) -> None:
    feed, _ = read_all("description," + HEADER + '"Two\nlines",1,"Jam\nand tea",1.00,1\n')
    assert "opens in line 3 closes in line 4" in feed.problems[0].remedy


def test_a_file_whose_quotes_are_broken_all_over_is_refused_in_time(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match="are broken in too many rows, up to line"):
        read_all(HEADER + '1,x","y\n' * 100_000)


def test_a_cell_without_an_end_does_not_fill_the_memory(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + '1,"' + "Milk\n" * 40_000 + "2,Tea,3.49,1\n")
    assert "quotes_broken" in feed.problem_kinds
    assert "2" in [product.sku for product in products]


def test_a_cell_that_is_too_long_is_told_from_one_without_an_end(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + "1," + "Milk " * 30_000 + ",4.49,3\n2,Tea,3.49,1\n")
    assert ["2"] == [product.sku for product in products]
    assert (
        "a cell in line 2 has more than 131072 characters: close its quotes, or shorten it" == feed.problems[0].remedy
    )


@pytest.mark.parametrize("head", ["#sku,title,price,quantity\n", '"# sku"\t"title"\t"price"\t"quantity"\n'])
def test_a_header_behind_a_hash_is_told_of(read_all: ReadAll, head: str) -> None:
    with pytest.raises(FeedError, match=r"line 2 of .* names the columns behind a #.*: remove the #"):
        read_all("# of our shop: sku, title, price, quantity\n" + head + ROW)


def test_an_endless_line_is_refused(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match=r"line 2 of .* has more than 1000000 characters"):
        read_all(HEADER + "1" * 1_000_001)


def test_missing_columns_are_one_clear_error(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match=r"lacks these columns: sku; price\. It has: amount, quantity, title"):
        read_all("title,amount,quantity\nMilk,4.49,1\n")


def test_a_column_that_counts_twice_is_refused(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match="has the column price twice"):
        read_all("sku,title,price,Price,quantity\n1,Milk,4.49,5.49,1\n")


def test_a_file_of_comments_has_no_header(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match="name the columns in the first line"):
        read_all("# nothing\n\n# here\n")


def test_nul_and_control_characters_do_no_harm(read_all: ReadAll) -> None:
    _, products = read_all(HEADER + "1,Mi\x07lk\x1b,4.49,3\n")
    assert ["Milk"] == [product.title for product in products]


def test_a_european_export_is_read(read_all: ReadAll) -> None:
    text = 'sku;title;price;quantity;rating\n1;Latte;1,29 €;5;4,5\n2;Pane;"€ 1,39";3,00;\n3;Vino;1.299,00;1;\n4;Olio;2,50;1.000;\n'
    feed, products = read_all(text.encode("windows-1252"), currency="EUR", language="it")
    assert [129, 139, 129900] == [product.price.amount for product in products]
    assert [(5, 45), (3, None), (1, None)] == [(product.stock, product.rating_tenths) for product in products]
    (problem,) = feed.problems
    assert (5, "quantity", "1.000") == (problem.line, problem.column, problem.value)
    assert "1 or 1000" in problem.remedy


def test_what_woocommerce_does_not_show_is_left_out(read_all: ReadAll) -> None:
    feed, products = read_all(
        "ID,SKU,Name,Published,Visibility in catalog,In stock?,Regular price\n"
        "1,W-1,Beanie,1,visible,1,20\n2,W-2,Cap,0,visible,1,20\n3,W-3,Hat,1,hidden,1,20\n4,W-4,Scarf,-1,visible,1,20\n"
    )
    assert (["Beanie"], {"hidden": 3}) == ([product.title for product in products], feed.left_out_kinds)


def test_a_row_of_json_that_is_not_published_is_left_out(read_all: ReadAll) -> None:
    feed, products = read_all('{"sku": "1", "title": "Tea", "price": "1.00", "quantity": 1, "published": false}\n')
    assert ([], 1) == (products, feed.left_out_count)
