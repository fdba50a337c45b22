"""What every command shares: where the data are, whether JSON is wanted, and the App, built when it is needed.

A command reads:

    @household.command("list")
    @common_options
    def list_households(call: Call) -> None:
        with call.app() as app:
            call.print_json(...) if call.as_json else ...
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from skill.errors import SettingsInvalid
from skill.settings import Settings, read_settings

if TYPE_CHECKING:
    from skill.app import App

#: What makes a folder a store's.
STORE_FILE = "store.yaml"

P = ParamSpec("P")
R = TypeVar("R")


class _Name(click.types.StringParamType):
    """What somebody or something is called. An empty name, such as a script's unset variable, must not stand for everybody."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name = super().convert(value, param, ctx)
        if not name.strip():
            self.fail("it is empty, and names nothing; is a variable not set?", param, ctx)
        return name


#: The type of every option and argument that names a household, a person, a profile, an order …
NAME = _Name()


class _Folder(click.Path):
    """A folder's path. An empty one would be the folder that one happens to be in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(NAME.convert(str(value), param, ctx), param, ctx)


@dataclass(slots=True)
class Call:
    """One call of the command: `--data` and `--json`, wherever on the line they were said; the innermost wins."""

    data_dir: Path | None = None
    as_json: bool = False

    def settings(self, **overrides: object) -> Settings:
        """Raises `SettingsInvalid`."""
        return read_settings(os.environ, data_dir=self.data_dir, **overrides)

    @contextmanager
    def app(
        self, *, begins: bool = False, whole: bool = False, rehearsing: bool = False, **overrides: object
    ) -> Iterator[App]:
        """The App over the data directory, closed at the end. Raises what `build_app` raises.

        A command that `begins` a store makes one where there is none, but none over a table, whose store is deployed; any other
        raises `SettingsInvalid`, because the books of a store that is not there would be in order. With `whole` a store that was
        begun is taken back where the command fails: a slip of the pen leaves none. `rehearsing` gives it a clock that can be
        moved, where nobody outside this machine takes part.
        """
        from skill.app import build_app  # not at the top: `--help` and searching need none of its adapters

        settings = self.settings(**overrides)
        clock = None
        if rehearsing:
            from skill.simulator.clock import clock_for

            clock = clock_for(settings)
        with ExitStack() as stack:
            if begins and not settings.table:
                stack.enter_context(_begun(settings, whole=whole))
            else:
                _check_begun(settings)
            app = build_app(settings, clock=clock)
            stack.callback(app.close)
            yield app

    def print_json(self, value: Any) -> None:
        """One JSON document on standard output."""
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _check_begun(settings: Settings) -> None:
    """Raises `SettingsInvalid` where there is no store: its books would be in order."""
    from skill.app import DATABASE

    missing = next(
        (
            name
            for name in (STORE_FILE, *(() if settings.table else (DATABASE,)))
            if not (settings.data_dir / name).exists()
        ),
        None,
    )
    if missing is not None and settings.table:
        raise SettingsInvalid(
            f"there is no {missing} in {settings.data_dir}, and SAYSO_TABLE is set: copy the one there that was deployed with the "
            "table, or name its folder with --data or SAYSO_DATA_DIR"
        )
    if missing is not None:
        raise SettingsInvalid(
            f"there is no store at {settings.data_dir}, for it has no {missing}: name its folder with --data or SAYSO_DATA_DIR, "
            "restore it from its backup, or begin one with `sayso demo`, or with `sayso catalogue import`"
        )


@contextmanager
def _begun(settings: Settings, *, whole: bool) -> Iterator[None]:
    """A data directory without a `store.yaml` starts with the sample's, and the operator is told to make it their own.

    With `whole` everything that was made is gone again where what is done inside fails.
    """
    path, folders = settings.data_dir / STORE_FILE, (settings.data_dir, settings.keys_dir)
    if path.exists():
        yield
        return
    before = {each: set(each.iterdir()) if each.is_dir() else None for each in folders}
    make_data_dir(settings)
    path.write_bytes(files("skill.sample").joinpath(STORE_FILE).read_bytes())
    note = f"Note: {path} is a copy of the sample's; write your seller, currency, delivery and taxes into it."
    if not whole:
        click.echo(note, err=True)
    try:
        yield
    except BaseException:
        for folder in folders if whole else ():
            _take_back(folder, before[folder])
        raise
    if whole:
        click.echo(note, err=True)


def make_data_dir(settings: Settings) -> None:
    """Raises `SettingsInvalid`."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise SettingsInvalid(
            f"the folder {settings.data_dir} cannot be made ({refused.strerror}): name another one with --data or SAYSO_DATA_DIR"
        ) from refused


def _take_back(folder: Path, before: set[Path] | None) -> None:
    """Leaves what was there before; without anything, the folder goes too."""
    for made in set(folder.iterdir()) - (before or set()) if folder.is_dir() else ():
        shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
    if before is None and folder.is_dir():
        folder.rmdir()


def _remember_data_dir(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Call).data_dir = value


def _remember_json(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Call).as_json = True


def data_option(command: Callable[P, R]) -> Callable[P, R]:
    """`--data DIR`, kept in the `Call`."""
    return click.option(
        "--data",
        metavar="DIR",
        type=_Folder(file_okay=False, path_type=Path),
        callback=_remember_data_dir,
        expose_value=False,
        help="Where the store's data are (SAYSO_DATA_DIR, otherwise .data).",
    )(command)


def json_option(command: Callable[P, R]) -> Callable[P, R]:
    """`--json`, kept in the `Call`."""
    return click.option(
        "--json", is_flag=True, callback=_remember_json, expose_value=False, help="Print JSON for other programs."
    )(command)


def common_options(command: Callable[..., R]) -> Callable[..., R]:
    """`--data` and `--json`; the command is called with the `Call` first."""

    @click.pass_context
    def with_call(ctx: click.Context, /, *args: Any, **values: Any) -> R:
        return command(ctx.ensure_object(Call), *args, **values)

    with_call.__name__ = command.__name__
    with_call.__doc__ = command.__doc__
    with_call.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    return data_option(json_option(with_call))
