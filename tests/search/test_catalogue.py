from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.search.catalogue import SearchCatalogue, open_catalogue
from skill.search.index import build_index
from skill.shop.catalogue import Product, Sku, Wish
from skill.shop.money import Money


def skus(catalogue: SearchCatalogue, words: str, **wish: object) -> list[str]:
    return [found.product.sku for found in catalogue.find(Wish(words, **wish)).found]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("trilogy comb you a drink", "drink-1"),
        ("quise inert toaster oven", "kitchen-1"),
        ("walt locks", "kitchen-2"),
        ("prickly pair sparkling water", "drink-2"),
        ("chefs nife", "knife-1"),
        ("sixteen gig memory card", "card-1"),
        ("dry dogfood", "dog-1"),
        ("oatmilk barista", "milk-2"),
    ],
)
def test_a_misheard_product_is_found(shop: SearchCatalogue, heard: str, meant: str) -> None:
    assert meant == shop.rank(heard)[0][0]


def test_numbers_that_disagree_come_after_those_that_agree(shop: SearchCatalogue) -> None:
    assert ["card-2", "card-1"] == skus(shop, "32 gb memory card")[:2]


def test_near_duplicates_of_one_size_come_once_and_other_sizes_stay(shop: SearchCatalogue) -> None:
    breads = [sku for sku in skus(shop, "country white bread") if sku in {"bread-1", "bread-2", "bread-3"}]
    assert 2 == len(breads)
    assert "bread-3" in breads
    assert {"bread-1", "bread-2", "bread-3"} <= {sku for sku, _ in shop.rank("country white bread")}


def test_what_differs_by_one_word_is_another_product_and_twins_are_kept(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    titles = [
        "Orange Juice with Pulp", "Orange Juice, No Pulp", "Decaf Instant Coffee", "Instant Coffee",
        "LED Bulb 60 Watt Soft White", "LED Bulb 100 Watt Soft White", "Organic Almond Milk", "Unsweetened Organic Almond Milk",
        "Vanilla Milk Chocolate Almond", "Almond Milk, Vanilla", "Chocolate Milk", "Milk Chocolate",
    ]  # fmt: skip
    products = [make_product(title, title, size="8 oz") for title in titles]
    products += [make_product(f"peanut-{n}", "Creamy Peanut Butter", brand=f"Brand {n}") for n in range(3)]
    build_index(products, tmp_path / "index")
    shop = open_catalogue(tmp_path / "index")
    for words in ("orange juice", "instant coffee", "soft white led bulb", "almond milk", "milk chocolate"):
        named = set(shop.words.tokens(words))
        assert {t for t in titles if named <= set(shop.words.tokens(t))} <= set(skus(shop, words))
    (found,) = shop.find(Wish("creamy peanut butter")).found
    assert {"peanut-0", "peanut-1", "peanut-2"} == {each.product.sku for each in (found, *found.twins)}
    shop.close()


def test_talk_is_not_searched_for_unless_titles_say_it(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    titles = ["I Have a Cream", "Chocolate Chip Cookies", "Hello Panda Biscuits", "You and Me Card"]
    build_index([make_product(title, title) for title in titles], tmp_path / "index")
    shop = open_catalogue(tmp_path / "index")
    long = "I was wondering if you maybe have some cookies for the kids you know the ones with chocolate chips"
    assert "cookies for the kids the with chocolate chips" == shop.understand(long).words
    assert ["Chocolate Chip Cookies"] == skus(shop, long)
    assert "hello panda cookies" == shop.understand("maybe you have hello panda cookies").words
    assert "your cookies" == shop.understand("your cookies").words
    assert "hi" == shop.understand("hi").words
    for title in ("I Have a Cream", "You and Me Card"):
        assert title == shop.understand(title).words
    shop.close()


def test_a_price_ceiling_keeps_dearer_products_out(shop: SearchCatalogue) -> None:
    assert ["dog-1"] == [sku for sku in skus(shop, "dog food under twenty dollars") if sku != "dog-3"]


def test_the_cheapest_is_the_cheapest_of_what_fits(shop: SearchCatalogue) -> None:
    assert "milk-1" == skus(shop, "cheapest oat milk")[0]


def test_the_cheapest_has_what_was_said(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    path = tmp_path / "catalogue.index"
    build_index([make_product("milk", "Oat Milk", 400), make_product("other", "Garlic", 50)], path)
    assert ["milk"] == [f.product.sku for f in open_catalogue(path).find(Wish("cheapest oat milk")).found]


def test_the_best_rated_comes_first(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    ratings = {"house": 31, "dark": 47, "mild": 39}
    build_index(
        [
            make_product(sku, f"{sku.title()} Ground Coffee", rating_tenths=rating, category=("Pantry", sku))
            for sku, rating in ratings.items()
        ],
        tmp_path / "c",
    )
    catalogue = open_catalogue(tmp_path / "c")
    assert ["dark", "mild", "house"] == [each.product.sku for each in catalogue.find(Wish("best rated coffee")).found]


def test_the_biggest_comes_first_where_no_title_says_large(shop: SearchCatalogue) -> None:
    assert "bread-3" != shop.find(Wish("large country bread")).found[0].product.sku
    assert "bread-3" == shop.find(Wish("small country bread")).found[0].product.sku


def test_what_costs_nearly_what_was_said_comes_first_where_nothing_costs_that(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    prices = {"Coffee": 799, "Decaf Coffee": 429, "Coffee Filters": 399}
    build_index([make_product(title, title, cents) for title, cents in prices.items()], tmp_path / "c")
    findings = open_catalogue(tmp_path / "c").find(Wish("coffee about three dollars"))
    assert () == findings.found
    assert ["Decaf Coffee", "Coffee"] == [each.title for each in findings.similar][:2]


@pytest.mark.parametrize("size", ["12oz", "12 OZ", "12 ounces", "12-oz", "12 oz."])
def test_a_size_that_is_spelt_otherwise_is_the_same_size(
    tmp_path: Path, make_product: Callable[..., Product], size: str
) -> None:
    products = [make_product("one", "Ground Coffee", size="12 oz"), make_product("other", "Ground Coffee", size=size)]
    build_index(products, tmp_path / "c")
    (found,) = open_catalogue(tmp_path / "c").find(Wish("ground coffee")).found
    assert ["other"] == [each.product.sku for each in found.twins] or found.product.sku == "other"


def test_what_is_not_in_stock_is_left_out_on_demand(shop: SearchCatalogue) -> None:
    assert "coffee-3" in skus(shop, "coffee")
    assert "coffee-3" not in skus(shop, "coffee in stock")


def test_a_word_said_with_not_keeps_products_out(shop: SearchCatalogue) -> None:
    assert "coffee-2" not in skus(shop, "ground coffee but not decaf")


def test_what_claims_to_be_free_of_an_allergen_comes_first_and_what_has_it_never(shop: SearchCatalogue) -> None:
    found = skus(shop, "gluten free bread")
    assert "bread-4" == found[0]
    assert "bread-5" not in found


def test_a_diet_must_be_stated_by_the_product(shop: SearchCatalogue) -> None:
    assert ["milk-1"] == skus(shop, "vegan oat milk")


def test_a_brand_that_was_said_keeps_other_brands_out(shop: SearchCatalogue) -> None:
    assert ["bread-1"] == skus(shop, "bread by hillside")


def test_filters_without_words_browse_the_shelf(shop: SearchCatalogue) -> None:
    findings = shop.find(Wish("something under two dollars"))
    assert ["drink-2"] == [found.product.sku for found in findings.found]
    assert Money(200, "USD") == findings.understood.price_max


def test_what_was_bought_before_comes_first_where_it_fits(shop: SearchCatalogue) -> None:
    assert "milk-1" == skus(shop, "oat milk")[0]
    found = shop.find(Wish("oat milk"), bought=(Sku("milk-2"),)).found
    assert "milk-2" == found[0].product.sku


def test_what_was_bought_before_does_not_push_in_where_it_does_not_fit(shop: SearchCatalogue) -> None:
    found = shop.find(Wish("wooden wall clock"), bought=(Sku("milk-2"), Sku("bread-1"))).found
    assert "kitchen-2" == found[0].product.sku


def test_what_was_offered_already_is_not_offered_again(shop: SearchCatalogue) -> None:
    first = skus(shop, "coffee")[0]
    assert first not in skus(shop, "coffee", skus_excluded=(Sku(first),))


def test_a_good_match_is_not_weak_and_a_far_one_is(shop: SearchCatalogue) -> None:
    assert not shop.find(Wish("oat milk")).found[0].weak
    far = shop.find(Wish("portable generator fuel line")).found
    assert all(found.weak for found in far)


def test_where_filters_leave_nothing_similar_products_and_their_category_are_named(shop: SearchCatalogue) -> None:
    findings = shop.find(Wish("dog food under two dollars"))
    assert () == findings.found
    assert {"dog-1", "dog-2"} <= {product.sku for product in findings.similar}
    assert "Dog food" == findings.nearest_category


def test_similar_products_never_have_the_allergen_that_was_excluded(shop: SearchCatalogue) -> None:
    findings = shop.find(Wish("wheat bread without gluten under one dollar"))
    assert () == findings.found
    assert "bread-5" not in {product.sku for product in findings.similar}


def test_nothing_asked_finds_nothing(shop: SearchCatalogue) -> None:
    assert () == shop.find(Wish("")).found
    assert () == shop.find(Wish("   ")).found


def test_at_most_so_many_are_found(shop: SearchCatalogue) -> None:
    assert 2 == len(shop.find(Wish("bread"), limit=2).found)


def test_a_product_comes_back_as_it_went_in(shop: SearchCatalogue, shop_products: tuple[Product, ...]) -> None:
    assert list(shop_products) == [shop.product(product.sku) for product in shop_products]
    assert {product.sku: product for product in shop_products} == shop.products([p.sku for p in shop_products])


def test_unknown_skus_are_none_or_left_out(shop: SearchCatalogue) -> None:
    assert shop.product(Sku("nothing")) is None
    assert ["milk-1"] == list(shop.products([Sku("nothing"), Sku("milk-1"), Sku("milk-1")]))


def test_the_best_known_products_in_stock_come_first(shop: SearchCatalogue) -> None:
    top = shop.top(5)
    assert 5 == len({each.sku for each in top})
    assert all(each.stock > 0 and each.title for each in top)
    assert top[:2] == shop.top(2)


def test_categories_are_every_level_once(shop: SearchCatalogue) -> None:
    assert "Dog food" in shop.categories()
    assert list(shop.categories()) == sorted(set(shop.categories()))


def test_an_explanation_shows_sounds_and_features_that_add_up(shop: SearchCatalogue) -> None:
    best = shop.explain("walt locks", 1)[0]
    assert "kitchen-2" == best.sku
    matches = [tuple(match[:4]) for match in best.matches]
    assert ("walt", "wall", "WoLT", "WoL") in matches
    assert ("walt lock", "wall clock", "WoLTLaKS", "WoLKLaK") in matches
    assert best.score == shop.rank("walt locks")[0][1]
    assert "echoes" in best.features


def test_the_ranking_is_the_same_each_time(shop: SearchCatalogue) -> None:
    assert shop.rank("walt locks") == shop.rank("walt locks")


@given(words=st.text(max_size=80))
def test_no_words_are_an_error(shop_index: Path, words: str) -> None:
    catalogue = open_catalogue(shop_index)
    try:
        catalogue.find(Wish(words))
        catalogue.rank(words)
    finally:
        catalogue.close()


def test_more_words_than_anybody_says_are_cut(shop: SearchCatalogue) -> None:
    assert shop.find(Wish("oat milk " * 2000)).found


def test_a_wish_in_another_currency_admits_what_cannot_be_compared(shop: SearchCatalogue) -> None:
    assert skus(shop, "oat milk", price_max=Money(1, "EUR"))


def test_titles_in_another_script_are_found(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    build_index([make_product("a", "Йогурт клубничный"), make_product("b", "Γιαούρτι")], tmp_path / "c")
    catalogue = open_catalogue(tmp_path / "c")
    assert "a" == catalogue.rank("йогурт")[0][0]
    assert "b" == catalogue.rank("γιαουρτι")[0][0]


def test_another_word_for_the_same_thing_finds_it(tmp_path: Path, make_product: Callable[..., Product]) -> None:
    products = [
        make_product("sofa", "Grey Velvet Sofa"),
        make_product("chips", "Classic Potato Chips"),
        make_product("socks", "Crew Socks", description="A crisp knit."),
        make_product("coach", "Coach Lamp"),
        make_product("eggplant", "Eggplant Dip"),
        make_product("bike-1", "Girls Bike 16 Inch"),
        make_product("bike-2", "Mountain Bicycle"),
    ]
    build_index(products, tmp_path / "index")
    shop = open_catalogue(tmp_path / "index")
    assert "sofa" == skus(shop, "couch")[0]
    assert ["chips"] == skus(shop, "crisps")[:1]
    assert not shop.find(Wish("couch")).found[0].weak
    assert "eggplant" == skus(shop, "aubergine dip")[0]
    assert {"bike-1", "bike-2"} == set(skus(shop, "kids bicycle"))
    shop.close()


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("spiderman", "Spider Man Cup"),
        ("spider man", "Spiderman Cup"),
        ("dollhouse", "Doll House Furniture"),
        ("doll houses", "Dollhouse Furniture"),
    ],
)
def test_words_written_together_are_found_apart_and_apart_together(
    asked: str, title: str, tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    """Also where enough titles are written as it was heard, so that nothing is taken to be misheard."""
    same = [make_product(f"same-{n}", f"{asked} {n}") for n in range(8)]
    build_index([*same, make_product("other", title)], tmp_path / "index")
    shop = open_catalogue(tmp_path / "index")
    assert not shop.candidates(asked)[1]
    assert "other" in dict(shop.rank(asked))


@pytest.mark.parametrize(
    ("asked", "head"), [("bike for children", 0), ("children's bike", 1), ("a red bike with a basket", 1), ("bike", 0)]
)
def test_what_is_wanted_comes_before_for_whom_it_is(shop: SearchCatalogue, asked: str, head: int) -> None:
    said = shop.listener.hear(asked)
    assert said is not None
    assert head == said.head


def test_what_is_in_the_category_that_was_said_comes_before_what_only_sounds_alike(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    products = [
        make_product("ketchup", "Red Barn Tomato Ketchup", category=("Pantry", "Sauces")),
        make_product("cabernet", "Stone Cabernet", category=("Drinks", "Wine"), description="Red wine, dry."),
        make_product("chardonnay", "Stone Chardonnay", category=("Drinks", "Wine"), description="White wine."),
        make_product("milk", "Whole Milk", category=("Dairy", "Milk")),
        make_product("lager", "Lantern Lager", size="6 cans", category=("Drinks", "Beer")),
        make_product("root", "Old Cellar Root Beer", size="6 bottles", category=("Drinks", "Soft drinks")),
        make_product("bar", "Milk Chocolate Bar", 99, category=("Sweets", "Chocolate")),
        make_product("coffee", "Ground Coffee", 899, category=("Drinks", "Coffee and tea", "Coffee")),
        make_product("tea", "Black Tea", 399, category=("Drinks", "Coffee and tea", "Tea")),
    ]
    build_index(products, tmp_path / "index")
    shop = open_catalogue(tmp_path / "index")
    assert ["cabernet", "chardonnay"] == skus(shop, "red wine")[:2]
    assert "ketchup" not in skus(shop, "wine")
    assert ["milk", "bar"] == skus(shop, "milk")
    assert ["milk"] == skus(shop, "cheapest milk")
    assert ["cabernet"] == skus(shop, "two bottles of red wine")[:1]
    assert ["root"] == skus(shop, "six pack of root beer")
    assert ["lager"] == skus(shop, "six pack of beer")[:1]
    findings = shop.find(Wish("coffee under five dollars"))
    assert () == findings.found
    assert ["coffee"] == [product.sku for product in findings.similar]
    shop.close()


def test_another_colour_is_another_thing_however_long_the_title(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    title = "Northwind Classic Organic Cotton Crew Neck Long Sleeve Shirt"
    products = [
        make_product(f"{colour}-{shop}", f"{title}, {colour}", attributes=(("color", colour),))
        for colour in ("Red", "Blue") for shop in (1, 2)
    ]  # fmt: skip
    build_index(products, tmp_path / "index")
    shop = open_catalogue(tmp_path / "index")
    assert ["Blue", "Red"] == sorted(sku.partition("-")[0] for sku in skus(shop, "crew neck shirt"))
    assert "Blue-1" == skus(shop, "blue crew neck shirt")[0]
    shop.close()
