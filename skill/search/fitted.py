"""How features of a product become its score. Written by `benchmarks/fit_search.py --write`: fit again rather than edit."""

from __future__ import annotations

WEIGHTS_HEARD: tuple[float, ...] = (
    2.081,  # text_covered
    1.679,  # words_found
    2.242,  # title_precise
    0,  # title_short
    0.645,  # head
    1.389,  # trigrams
    -2.252,  # numbers_apart
    0,  # alike
    1.93,  # sounds_covered
    0.229,  # exact_covered
    1.628,  # echoes
    0,  # likely
    1.069,  # ordered
    0.386,  # adjacent
    0.765,  # head_covered
    -0.232,  # modifier
    2.438,  # elsewhere
    0.702,  # all_in_title
    0.711,  # all_found
    0.234,  # phrase
    0.76,  # support
)

WEIGHTS_MISHEARD: tuple[float, ...] = (
    1.593,  # text_covered
    0.874,  # words_found
    2.928,  # title_precise
    0,  # title_short
    0.259,  # head
    1.215,  # trigrams
    -0.904,  # numbers_apart
    0.331,  # alike
    1.043,  # sounds_covered
    0.183,  # exact_covered
    1.583,  # echoes
    0.574,  # likely
    0.453,  # ordered
    0.104,  # adjacent
    1.363,  # head_covered
    -0.063,  # modifier
    1.253,  # elsewhere
    0.133,  # all_in_title
    0.209,  # all_found
    0.058,  # phrase
    1.383,  # support
    0.875,  # aloud
    1.068,  # aloud_cubed
    0.589,  # aloud_support
    0.38,  # aloud_near
)

WEIGHTS_LIKELIEST: tuple[float, ...] = (
    2.185,  # text_covered
    1.084,  # words_found
    3.061,  # title_precise
    0,  # title_short
    0.334,  # head
    1.681,  # trigrams
    -1.033,  # numbers_apart
    0.585,  # alike
    1.534,  # sounds_covered
    0.048,  # exact_covered
    2.318,  # echoes
    0.914,  # likely
    0.564,  # ordered
    0.032,  # adjacent
    1.359,  # head_covered
    -0.07,  # modifier
    0.957,  # elsewhere
    0.215,  # all_in_title
    0.253,  # all_found
    0,  # phrase
    1.343,  # support
)
