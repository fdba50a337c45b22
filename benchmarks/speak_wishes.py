"""Makes wishes from product titles, speaks them, and writes down what was recognised: for `benchmarks/fit_search.py --spoken`.

    apt-get install flite sox
    pip install -e '.[spoken,benchmarks]'
    SAYSO_SEARCH_DATA=FOLDER python -m benchmarks.speak_wishes --groceries FILE --to WISHES.jsonl [--count 3500]

A wish is one to four neighbouring words of what a title says the product is: mostly its last ones ("coffee maker"), else its
first ones (a brand). Each is spoken by one of three voices of flite and recognised by whisper-base with a beam of one, a second
or so for each. A line is {"set", "said", "voice", "heard"}. What is in the file already is not spoken again, so a run that was
stopped goes on. The same titles make the same wishes. Like the judged sets that they are made from, they are for measuring and
are no part of the project.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.search import VOICES, judged_folder, read_products
from benchmarks.spoken_loop import open_whisper, speak
from skill.shop.catalogue import title_head

#: Of the wishes, those from each set's titles, in sevenths.
SHARES = {"cf": 3.0, "hd": 1.4, "ic": 1.4, "groceries": 1.2}
#: How often a wish has one word, two, three and four.
LENGTHS = (1.0, 4.0, 4.0, 1.5)
#: How often a wish is the last words of a title's head, its first ones, or some between.
PLACES = {"last": 0.5, "first": 0.3, "between": 0.2}
SEED = 5

_WORD = re.compile(r"[A-Za-z][A-Za-z']*|\d+")


def wishes(titles: dict[str, list[str]], count: int, dice: random.Random) -> Iterator[tuple[str, str]]:
    """(Set, words), each once, as many of each set as `SHARES` says, all mixed."""
    made: dict[str, str] = {}
    for name, of_set in titles.items():
        wanted = len(made) + round(count * SHARES[name] / sum(SHARES.values()))
        for title in dice.sample(of_set, len(of_set)):
            words = [w for w in _WORD.findall(title_head(title)) if len(w) > 1 or w.isdigit()]
            length = min(len(words), dice.choices((1, 2, 3, 4), LENGTHS)[0])
            place = dice.choices(list(PLACES), list(PLACES.values()))[0]
            last = len(words) - length
            start = {"last": last, "first": 0, "between": dice.randint(0, last)}[place]
            wish = " ".join(words[start : start + length]).lower()
            if re.search("[a-z]{3}", wish):
                made.setdefault(wish, name)
            if len(made) >= wanted:
                break
    mixed = [(name, wish) for wish, name in made.items()]
    dice.shuffle(mixed)
    yield from mixed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groceries", type=Path, required=True, help="gzipped JSON Lines of groceries")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--count", type=int, default=3500)
    arguments = parser.parse_args()
    folder = judged_folder()
    if folder is None:
        sys.exit("set SAYSO_SEARCH_DATA to a folder with judged sets")
    files = {name: folder / f"{name}.products.jsonl.gz" for name in SHARES} | {"groceries": arguments.groceries}
    titles = {name: [product.title for product in read_products(path)] for name, path in files.items()}
    dice = random.Random(SEED)
    spoken = set()
    if arguments.to.exists():
        with open(arguments.to, encoding="utf-8") as lines:
            spoken = {json.loads(line)["said"] for line in lines}
    recognise = open_whisper(beam=1)
    with tempfile.TemporaryDirectory() as scratch, open(arguments.to, "a", encoding="utf-8") as out:
        for name, wish in wishes(titles, arguments.count, dice):
            voice = dice.choice(VOICES)
            if wish not in spoken:
                heard = recognise(speak(wish, voice, Path(scratch)))
                out.write(json.dumps({"set": name, "said": wish, "voice": voice, "heard": heard}) + "\n")
                out.flush()


if __name__ == "__main__":
    main()
