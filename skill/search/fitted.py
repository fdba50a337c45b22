"""How features of a product become its score. Written by `benchmarks/fit_search.py --write`: fit again rather than edit."""

from __future__ import annotations

WEIGHTS_HEARD: tuple[float, ...] = (
    2.942,  # text_covered
    1.242,  # words_found
    2.648,  # title_precise
    0.011,  # title_short
    0.38,  # head
    1.585,  # trigrams
    -1.691,  # numbers_apart
    -0.348,  # alike
    1.554,  # sounds_covered
    0.076,  # exact_covered
    2.512,  # echoes
    1.213,  # likely
    0.638,  # ordered
    0.428,  # adjacent
    1.546,  # head_covered
    -0.265,  # modifier
    0.323,  # support
)

WEIGHTS_MISHEARD: tuple[float, ...] = (
    1.742,  # text_covered
    0.82,  # words_found
    2.474,  # title_precise
    0.879,  # title_short
    0.457,  # head
    1.118,  # trigrams
    -0.236,  # numbers_apart
    0.051,  # alike
    1.171,  # sounds_covered
    -0.466,  # exact_covered
    1.947,  # echoes
    0.517,  # likely
    0.154,  # ordered
    0.268,  # adjacent
    1.803,  # head_covered
    -0.024,  # modifier
    0.74,  # support
    0.797,  # aloud
    1.204,  # aloud_cubed
    0.717,  # aloud_support
    0.381,  # aloud_near
)

WEIGHTS_LIKELIEST: tuple[float, ...] = (
    2.553,  # text_covered
    1.017,  # words_found
    2.844,  # title_precise
    0.715,  # title_short
    0.509,  # head
    1.588,  # trigrams
    -0.358,  # numbers_apart
    0.054,  # alike
    1.519,  # sounds_covered
    -0.973,  # exact_covered
    2.824,  # echoes
    1.207,  # likely
    0.313,  # ordered
    0.13,  # adjacent
    1.805,  # head_covered
    -0.052,  # modifier
    0.666,  # support
)
