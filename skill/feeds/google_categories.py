"""Google's product categories that stores must keep from minors, by the numbers that feeds may write for them.

Of all others the number is left out: nobody says it. Source: Google, "Google product taxonomy" with numeric ids, en-US,
version 2021-09-21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_ALCOHOL = "Food, Beverages & Tobacco > Beverages > Alcoholic Beverages"
_TOBACCO = "Food, Beverages & Tobacco > Tobacco Products"

RESTRICTED: Mapping[str, str] = {
    "499676": _ALCOHOL,
    "414": f"{_ALCOHOL} > Beer",
    "7486": f"{_ALCOHOL} > Bitters",
    "5725": f"{_ALCOHOL} > Cocktail Mixes",
    "543537": f"{_ALCOHOL} > Cocktail Mixes > Frozen Cocktail Mixes",
    "543536": f"{_ALCOHOL} > Cocktail Mixes > Shelf-stable Cocktail Mixes",
    "5887": f"{_ALCOHOL} > Flavored Alcoholic Beverages",
    "6761": f"{_ALCOHOL} > Hard Cider",
    "417": f"{_ALCOHOL} > Liquor & Spirits",
    "505761": f"{_ALCOHOL} > Liquor & Spirits > Absinthe",
    "2364": f"{_ALCOHOL} > Liquor & Spirits > Brandy",
    "1671": f"{_ALCOHOL} > Liquor & Spirits > Gin",
    "2933": f"{_ALCOHOL} > Liquor & Spirits > Liqueurs",
    "2605": f"{_ALCOHOL} > Liquor & Spirits > Rum",
    "502976": f"{_ALCOHOL} > Liquor & Spirits > Shochu & Soju",
    "543642": f"{_ALCOHOL} > Liquor & Spirits > Shochu & Soju > Shochu",
    "543643": f"{_ALCOHOL} > Liquor & Spirits > Shochu & Soju > Soju",
    "2220": f"{_ALCOHOL} > Liquor & Spirits > Tequila",
    "2107": f"{_ALCOHOL} > Liquor & Spirits > Vodka",
    "1926": f"{_ALCOHOL} > Liquor & Spirits > Whiskey",
    "421": f"{_ALCOHOL} > Wine",
    "435": _TOBACCO,
    "3916": f"{_TOBACCO} > Chewing Tobacco",
    "3151": f"{_TOBACCO} > Cigarettes",
    "3682": f"{_TOBACCO} > Cigars",
    "3741": f"{_TOBACCO} > Loose Tobacco",
    "499963": f"{_TOBACCO} > Smoking Pipes",
    "4091": f"{_TOBACCO} > Vaporizers & Electronic Cigarettes",
    "543635": f"{_TOBACCO} > Vaporizers & Electronic Cigarettes > Electronic Cigarettes",
    "543634": f"{_TOBACCO} > Vaporizers & Electronic Cigarettes > Vaporizers",
}

#: `421`, and `421 - Food, Beverages & Tobacco > …` as some shops' plugins write it.
_NUMBER = re.compile(r"\s*(\d+)\s*(?:-\s*(?=\D)|\Z)", re.ASCII)


def google_path(text: str) -> str:
    """What `google_product_category` says, as a path of names; empty for the number of a category without restrictions."""
    found = _NUMBER.match(text)
    if not found:
        return text
    return text[found.end() :].strip() or RESTRICTED.get(found[1], "")
