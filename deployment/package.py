"""The package that AWS Lambda runs: the functions, the rooms that they use, what these depend on, and the store's data.

    python deployment/package.py FOLDER [--runtime python3.13] [--architecture arm64] [--data .data] [--pages]

Everything that no function imports stays out, as do the descriptions of AWS services that none calls and of languages that are
not spoken; with `--pages` the owner's and the household's pages are in, and what they need. Every module is there compiled as
well, by the runtime's own Python and valid whatever the file's time is: AWS unpacks with times of its own and lets no function
write, so that a module without it would be compiled at every start.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from skill.adapters.local.checked_store import CHECKED_STORE, check_store  # noqa: E402
from skill.errors import SaysoError  # noqa: E402

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
REQUIREMENTS_PAGES = Path(__file__).with_name("requirements-pages.txt")
SPEECH = ROOT / "skill" / "speech"
COMPILE_DATACLASSES = Path(__file__).with_name("compile_dataclasses.py")
#: Of each runtime, newest first. A Python joins once the package was built and run with it: `compile_dataclasses.py` goes by how
#: that version's `dataclasses` work. The runtimes of Python 3.12 and later are Amazon Linux 2023, which has glibc 2.34; that of
#: 3.11 has 2.26.
PLATFORMS = {
    "python3.11": ("manylinux_2_26", "manylinux_2_17", "manylinux2014"),
    "python3.12": ("manylinux_2_34", "manylinux_2_28", "manylinux_2_26", "manylinux_2_17", "manylinux2014"),
    "python3.13": ("manylinux_2_34", "manylinux_2_28", "manylinux_2_26", "manylinux_2_17", "manylinux2014"),
}
ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}

#: What of `skill/` serves developers, and no function; and what serves the pages alone.
LEFT_OUT = ("cli", "simulator", "sample")
PAGES = ("console", "feeds", "web.py", "catalogues.py")
#: Services that are called, and what botocore reads whichever it is.
SERVICES = ("dynamodb", "events", "s3", "secretsmanager")
BOTOCORE = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")
#: What babel knows of a locale, and of the world, and nobody speaks of: units, names of countries and languages, zones by country.
UNSPOKEN_OF_LOCALES = (
    "unit_patterns", "unit_display_names", "compound_unit_patterns", "languages", "territories", "scripts", "variants",
    "interval_formats", "datetime_skeletons", "compact_decimal_formats", "compact_currency_formats", "currency_names",
    "currency_names_plural", "date_fields", "meta_zones",
)  # fmt: skip
UNSPOKEN_OF_ALL = (
    "territory_languages", "territory_currencies", "zone_territories", "territory_zones", "windows_zone_mapping",
    "meta_zones", "zone_aliases",
)  # fmt: skip
#: What an installation leaves that nobody imports.
LITTER = ("tests", "test", "__pycache__", "bin", "examples")


def build(folder: Path, runtime: str, architecture: str, data: Path, pages: bool) -> None:
    """Puts the whole package into `folder`, which is emptied first."""
    python = find_python(runtime)
    check_data(data)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(installed_requirements(runtime, architecture, python, pages), folder)
    copy_sources(folder, pages)
    copy_data(data, folder / "data")
    compile_modules(folder, python)
    # Without what is installed for this Python, and without leaving `.pyc` of other kinds.
    subprocess.run([python, "-S", "-B", str(COMPILE_DATACLASSES), str(folder)], check=True)


def find_python(runtime: str) -> str:
    """The interpreter of that version: it alone writes what it reads. Exits where there is none."""
    for candidate in (sys.executable, runtime):
        path = shutil.which(candidate)
        if path and runtime == _version_of(path):
            return path
    sys.exit(
        f"{runtime} is not on the PATH, and this is {_version_of(sys.executable)}: install it, or build for another "
        "runtime (RUNTIME=python3.11, and the parameter Runtime of the template)"
    )


def _version_of(python: str) -> str:
    ask = [python, "-c", "import sys; print(f'python{sys.version_info[0]}.{sys.version_info[1]}')"]
    return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()


def check_data(data: Path) -> None:
    if not (data / "store.yaml").is_file():
        sys.exit(f"there is no store.yaml in {data}: name the store's data directory (DATA={data})")


def installed_requirements(runtime: str, architecture: str, python: str, pages: bool) -> Path:
    """What the functions depend on, trimmed and compiled. Installed once, and again when the list of requirements changes."""
    platforms = [f"{each}_{ARCHITECTURES[architecture]}" for each in PLATFORMS[runtime]]
    lists = [REQUIREMENTS, REQUIREMENTS_PAGES] if pages else [REQUIREMENTS]
    texts = [each.read_text(encoding="utf-8") for each in (*lists, Path(__file__))]
    recipe = [*texts, *sorted(path.name for path in SPEECH.glob("*.ftl")), runtime, architecture]
    folder = ROOT / "build" / "requirements" / hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-warn-conflicts"]
    command += [
        "--target",
        str(unfinished),
        "--implementation",
        "cp",
        "--python-version",
        runtime.removeprefix("python"),
        "--only-binary=:all:",
    ]
    command += [argument for each in platforms for argument in ("--platform", each)]
    command += [argument for each in lists for argument in ("--requirement", str(each))]
    subprocess.run(command, check=True)
    trim(unfinished)
    compile_modules(unfinished, python)
    try:
        unfinished.rename(folder)
    except OSError:  # another build was quicker
        shutil.rmtree(unfinished)
    return folder


def trim(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and path.name in LITTER:
            shutil.rmtree(path)
    keep_only(folder / "botocore" / "data", (*SERVICES, *BOTOCORE))
    spoken = {path.stem.replace("-", "_") for path in SPEECH.glob("*.ftl")}
    spoken |= {locale.partition("_")[0] for locale in spoken} | {"root", "en_001", "en_150"}
    locales = folder / "babel" / "locale-data"
    keep_only(locales, [f"{locale}.dat" for locale in spoken])
    for path in locales.iterdir():
        leave_out_of(path, UNSPOKEN_OF_LOCALES)
    leave_out_of(
        folder / "babel" / "global.dat",
        UNSPOKEN_OF_ALL,
        {"likely_subtags": {each.partition("_")[0] for each in spoken}},
    )


def leave_out_of(path: Path, names: Iterable[str], languages: Mapping[str, Set[str]] = MappingProxyType({})) -> None:
    """babel reads the whole file at the first word that is spoken; what it says under these names is asked for by none of ours.

    Of what stands under a name of `languages`, what begins with another language is left out.
    """
    # Some is looked at before it is known that it will not be spoken: nothing is there, and its name is.
    held = {name: {} if name in names else value for name, value in pickle.loads(path.read_bytes()).items()}
    for name, kept in languages.items():
        held[name] = {key: value for key, value in held[name].items() if key.partition("_")[0] in kept}
    path.write_bytes(pickle.dumps(held, 2))


def keep_only(folder: Path, names: Iterable[str]) -> None:
    kept = set(names)
    missing = kept - {path.name for path in folder.iterdir()} - {"en_001.dat", "en_150.dat"}
    if missing:
        raise FileNotFoundError(f"{folder} lacks {sorted(missing)}: its package has changed its shape")
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def copy_sources(folder: Path, pages: bool) -> None:
    unwanted = shutil.ignore_patterns("__pycache__", *LEFT_OUT, *(() if pages else PAGES))
    shutil.copytree(ROOT / "skill", folder / "skill", ignore=unwanted)
    shutil.copytree(ROOT / "lambda", folder / "lambda", ignore=unwanted)
    # Of Alexa's model, the slots that it may be told to ask for.
    model = min((ROOT / "interaction_models" / "alexa").glob("*.json"))
    dialog = json.loads(model.read_text(encoding="utf-8"))["interactionModel"]["dialog"]
    asked_for = folder / "interaction_models" / "alexa" / model.name
    asked_for.parent.mkdir(parents=True)
    asked_for.write_text(json.dumps({"interactionModel": {"dialog": dialog}}), encoding="utf-8")


def copy_data(data: Path, folder: Path) -> None:
    """The store, checked; its voice; and its catalogue, where it comes with the package."""
    folder.mkdir()
    check_store(data / "store.yaml", folder / CHECKED_STORE)
    for path in (*data.glob("voice.*.ftl"), *data.glob("catalogue.index")):
        shutil.copy(path, folder)


def compile_modules(folder: Path, python: str) -> None:
    command = [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(command, check=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Builds the package that AWS Lambda runs.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--runtime", choices=tuple(PLATFORMS), default="python3.13")
    arguments.add_argument("--architecture", choices=tuple(ARCHITECTURES), default="arm64")
    arguments.add_argument("--data", type=Path, default=ROOT / ".data")
    arguments.add_argument("--pages", action="store_true")
    given = arguments.parse_args()
    try:
        build(given.folder.resolve(), given.runtime, given.architecture, given.data.resolve(), given.pages)
    except SaysoError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
