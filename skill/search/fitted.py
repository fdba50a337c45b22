"""How features of a product become its score. Written by `benchmarks/fit_search.py --write`: fit again rather than edit."""
# ruff: noqa: E501, RUF059

from __future__ import annotations

WEIGHTS: tuple[float, ...] = (
    5.72,  # text_covered
    3.366,  # words_found
    2.124,  # title_precise
    0.508,  # title_short
    0.465,  # head
    3.432,  # trigrams
    -1.699,  # numbers_apart
    -0.247,  # alike
    -2.904,  # sounds_covered
    -1.219,  # exact_covered
    1.897,  # echoes
    2.509,  # likely
    0.554,  # ordered
    -0.127,  # adjacent
    0.303,  # head_covered
    0.449,  # support
)


# fmt: off
def correction(features: tuple[float, ...]) -> float:
    """What small trees add to the weighted sum, written out: Python follows them faster than a loop would."""
    (
        text_covered,
        words_found,
        title_precise,
        title_short,
        head,
        trigrams,
        numbers_apart,
        alike,
        sounds_covered,
        exact_covered,
        echoes,
        likely,
        ordered,
        adjacent,
        head_covered,
        support,
    ) = features
    return (
        0.0
        + ((-0.0164 if title_short <= 0.29509 else 0.0043) if title_precise <= 0.072151 else (0.002 if title_precise <= 0.85526 else 0.0328))
        + (((-0.0292 if title_short <= 0.23912 else 0.0032) if echoes <= 0.72318 else -0.0284) if head_covered <= 0.068959 else 0.0031)
        + ((-0.0057 if echoes <= 0.72318 else -0.0267) if head_covered <= 0.068959 else (0.0015 if echoes <= 0.95346 else 0.0224))
        + ((-0.0045 if echoes <= 0.72318 else -0.031) if head_covered <= 0.068959 else (0.002 if echoes <= 0.94868 else 0.0255))
        + (-0.0113 if head_covered <= 0.068959 else ((0.0022 if title_precise <= 0.4576 else -0.029) if title_precise <= 0.85526 else 0.0332))
        + (((-0.0289 if title_short <= 0.23912 else 0.0028) if echoes <= 0.72318 else -0.0256) if head_covered <= 0.068959 else 0.0027)
        + (-0.0144 if title_precise <= 0.059874 else ((-0.0462 if title_precise <= 0.16877 else 0.0112) if support <= 0.25873 else 0.0026))
        + ((-0.0132 if title_short <= 0.39311 else 0.0234) if head_covered <= 0.068959 else (0.0056 if title_short <= 0.32478 else -0.0011))
        + (-0.011 if head_covered <= 0.068959 else (0.0035 if head_covered <= 0.31771 else (-0.0169 if echoes <= 0.94868 else 0.0281)))
        + (-0.0205 if title_precise <= 0.043366 else ((-0.0097 if support <= 0.36763 else 0.0018) if title_precise <= 0.85526 else 0.0317))
        + (-0.0183 if title_short <= 0.23912 else (-0.0256 if title_precise <= 0.043366 else (0.001 if echoes <= 0.94868 else 0.0216)))
        + ((-0.0019 if head_covered <= 0.39356 else -0.0303) if adjacent <= 0.70833 else (0.0048 if title_precise <= 0.85526 else 0.0401))
        + ((-0.0137 if title_precise <= 0.58574 else 0.0211) if support <= 0.41455 else (0.003 if support <= 0.83114 else -0.0063))
        + ((-0.0123 if title_short <= 0.34344 else 0.0143) if head_covered <= 0.068959 else (0.0002 if echoes <= 0.94868 else 0.0171))
        + ((-0.0193 if title_precise <= 0.24723 else 0.0144) if support <= 0.33892 else (-0.0075 if title_precise <= 0.063453 else 0.0042))
        + (((-0.0087 if title_precise <= 0.072151 else 0.0168) if echoes <= 0.72318 else -0.0268) if head_covered <= 0.068959 else 0.002)
        + (-0.0076 if title_precise <= 0.072151 else ((-0.0017 if trigrams <= 0.56125 else 0.0157) if text_covered <= 0.72122 else -0.0004))
        + ((-0.0015 if echoes <= 0.72318 else -0.0241) if head_covered <= 0.069872 else (0.0004 if echoes <= 0.94868 else 0.0187))
        + ((-0.0004 if title_precise <= 0.4576 else -0.0273) if echoes <= 0.94868 else (0.0365 if support <= 0.90036 else -0.0259))
        + (-0.0186 if title_precise <= 0.043366 else ((-0.0427 if head_covered <= 0.32351 else 0.0181) if support <= 0.13181 else 0.0012))
        + (-0.017 if title_short <= 0.23912 else ((-0.0256 if title_precise <= 0.097292 else -0.0002) if support <= 0.41455 else 0.0024))
        + (-0.0153 if title_short <= 0.23912 else ((-0.0017 if title_precise <= 0.13167 else 0.0104) if title_short <= 0.36576 else -0.0038))
        + (((-0.008 if title_precise <= 0.11201 else 0.0219) if echoes <= 0.72318 else -0.0239) if head_covered <= 0.068959 else 0.0029)
        + (((-0.0083 if support <= 0.41455 else 0.0019) if head_covered <= 0.46299 else -0.0186) if title_precise <= 0.85526 else 0.0327)
        + (-0.0153 if title_precise <= 0.056062 else (-0.0003 if echoes <= 0.94868 else (0.0404 if support <= 0.90036 else -0.0179)))
        + (-0.0076 if title_short <= 0.26273 else (0.0038 if support <= 0.76901 else (-0.0153 if trigrams <= 0.93441 else 0.0023)))
        + ((-0.0068 if title_precise <= 0.072151 else (0.0165 if title_precise <= 0.077401 else 0.0002)) if title_precise <= 0.85526 else 0.0283)
        + (-0.0076 if support <= 0.41455 else (0.004 if support <= 0.75915 else (-0.0403 if text_covered <= 0.35231 else -0.002)))
        + ((-0.0113 if support <= 0.33892 else 0.0007) if echoes <= 0.94868 else (0.0384 if support <= 0.90036 else -0.0238))
        + (-0.013 if title_short <= 0.23912 else ((0.0005 if echoes <= 0.94868 else 0.0372) if support <= 0.80182 else -0.0055))
        + (((0.023 if adjacent <= 0.11806 else -0.0182) if exact_covered <= 1e-35 else -0.0145) if title_precise <= 0.059874 else 0.0007)
        + (((-0.0163 if title_short <= 0.36576 else 0.027) if head_covered <= 0.092459 else 0.0241) if title_precise <= 0.058963 else 0.0015)
        + (-0.0146 if title_short <= 0.23912 else (-0.0079 if likely <= -0.23523 else (-0.0028 if adjacent <= 0.26786 else 0.0063)))
        + (-0.0101 if support <= 0.33892 else ((0.0094 if text_covered <= 0.75474 else 0.0004) if support <= 0.75915 else -0.0032))
        + (((-0.0412 if support <= 0.26229 else -0.0121) if head_covered <= 0.13371 else 0.0042) if support <= 0.43542 else 0.0016)
        + ((0.0249 if likely <= -0.67407 else -0.0141) if title_precise <= 0.059874 else (-0.0061 if trigrams <= 0.5395 else 0.0028))
        + (-0.0034 if head_covered <= 0.13257 else ((0.0186 if head_covered <= 0.33169 else -0.0243) if title_short <= 0.29509 else 0.0013))
        + (-0.0119 if title_short <= 0.24627 else (0.0007 if echoes <= 0.94868 else (0.041 if support <= 0.8366 else -0.0107)))
        + (0.0278 if likely <= -0.64741 else (-0.0257 if text_covered <= 0.30108 else (-0.0224 if likely <= -0.48404 else 0.0004)))
        + ((-0.0259 if support <= 0.36763 else 0.0002) if head_covered <= 0.12971 else (0.0103 if title_precise <= 0.17094 else -0.002))
        + (((0.0022 if title_precise <= 0.34745 else -0.0371) if echoes <= 0.77098 else -0.0103) if adjacent <= 0.64583 else 0.0046)
        + (((0.0013 if support <= 0.83435 else -0.0098) if head_covered <= 0.50085 else -0.0343) if adjacent <= 0.70833 else 0.0049)
        + ((-0.0076 if title_short <= 0.26273 else (-0.0009 if sounds_covered <= 0.52948 else 0.0154)) if words_found <= 0.76389 else -0.0007)
        + (-0.0064 if title_short <= 0.26273 else ((-0.0212 if title_precise <= 0.17684 else 0.0093) if support <= 0.36763 else 0.0026))
        + (-0.0058 if trigrams <= 0.53033 else ((0.0192 if support <= 0.80182 else -0.0148) if echoes <= 0.53452 else -0.0003))
        + (((0.0003 if trigrams <= 0.53033 else 0.0186) if support <= 0.75915 else -0.0141) if words_found <= 0.76389 else -0.0014)
        + (-0.0105 if title_short <= 0.24627 else ((0.0025 if echoes <= 0.94868 else 0.0331) if support <= 0.83114 else -0.0045))
        + (-0.0373 if words_found <= 0.26786 else ((-0.0318 if title_short <= 0.47361 else 0.0223) if support <= 0.20548 else 0.001))
        + (-0.0121 if title_short <= 0.23912 else ((-0.0455 if head_covered <= 0.25677 else 0.0166) if support <= 0.13181 else 0.0013))
        + (((-0.0024 if likely <= -0.015667 else -0.0245) if head_covered <= 0.08425 else 0.0204) if title_precise <= 0.059874 else 0.0016)
        + (-0.0057 if trigrams <= 0.56594 else (0.0079 if echoes <= 0.73799 else (-0.0117 if echoes <= 0.82481 else 0.0023)))
        + (((-0.0037 if sounds_covered <= 0.7632 else -0.0416) if support <= 0.36763 else -0.0007) if title_precise <= 0.13021 else 0.0036)
        + (-0.0238 if words_found <= 0.35417 else ((-0.0135 if title_precise <= 0.17684 else 0.0056) if support <= 0.41455 else 0.0015))
        + (-0.0076 if trigrams <= 0.56594 else ((0.0144 if ordered <= 0.52778 else -0.0033) if text_covered <= 0.77284 else -0.0007))
        + ((0.0002 if title_precise <= 0.58574 else (0.013 if support <= 0.39266 else -0.0698)) if title_precise <= 0.85526 else 0.0247)
        + (((-0.0173 if exact_covered <= 0.73214 else 0.0179) if numbers_apart <= 0.9 else 0.0343) if sounds_covered <= 0.52633 else 0.0008)
        + (-0.0179 if title_precise <= 0.043366 else ((0.0021 if text_covered <= 0.77284 else -0.0064) if trigrams <= 0.95346 else 0.0045))
        + ((-0.0189 if support <= 0.45234 else (0.0033 if support <= 0.76608 else -0.0092)) if title_precise <= 0.1001 else 0.0009)
        + ((-0.0347 if head_covered <= 0.25178 else 0.0087) if support <= 0.13181 else (0.0006 if head_covered <= 0.31771 else -0.0076))
        + ((-0 if head_covered <= 0.46299 else -0.0166) if echoes <= 0.94868 else (0.0378 if support <= 0.78232 else -0.0089))
    )
# fmt: on
