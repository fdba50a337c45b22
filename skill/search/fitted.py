"""How features of a product become its score. Written by `benchmarks/fit_search.py --write`: fit again rather than edit."""

from __future__ import annotations

WEIGHTS_HEARD: tuple[float, ...] = (
    2.45,  # text_covered
    1.605,  # words_found
    2.517,  # title_precise
    -0.593,  # title_short
    0.652,  # head
    1.459,  # trigrams
    -2.021,  # numbers_apart
    -0.697,  # alike
    1.9,  # sounds_covered
    0.415,  # exact_covered
    2.084,  # echoes
    -0.232,  # likely
    0.728,  # ordered
    0.736,  # adjacent
    1.697,  # head_covered
    0.266,  # modifier
    0.183,  # support
    0.88,  # aloud
    1.329,  # aloud_cubed
    0.791,  # aloud_support
    0.42,  # aloud_near
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
