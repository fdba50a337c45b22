"""`sayso serve`: the webhooks, the pages, and for this machine alone the simulator."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from collections.abc import Collection
from types import FrameType
from typing import TYPE_CHECKING

import click

from skill.catalogues import stopped_import, told_of_stopped_import
from skill.cli.options import NAME, Call, common_options
from skill.cli.sign_in import first_owner_link, noting_address, own_address
from skill.errors import CatalogueMissing

if TYPE_CHECKING:
    from skill.app import App

#: Turns that are answered at the same time; more wait.
THREADS = 8
CONNECTIONS_MAX = 200

_WHY_NOT = {
    errno.EADDRINUSE: "is in use; stop what listens there, or take another with --port",
    errno.EACCES: "may not be opened; take one above 1023 with --port",
    errno.EADDRNOTAVAIL: "is on an address that this machine does not have; correct --host",
}


@click.command("serve", help="Start the web server.")
@click.option(
    "--host", type=NAME, default=None, help="Address to listen at.  [default: SAYSO_HOST, otherwise 127.0.0.1]"
)
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="[default: SAYSO_PORT, otherwise 8080]")
@common_options
def serve(call: Call, host: str | None, port: int | None) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, _stop)
    with call.app(begins=True, rehearsing=True, host=host, port=port) as app:
        listening = _open_port(app.settings.host, app.settings.port)
        with noting_address(app.settings):
            _serve(call, app, listening)


def _serve(call: Call, app: App, listening: socket.socket) -> None:
    from waitress.server import create_server

    from skill.background import Background
    from skill.web import create_app, settle_memory

    settings = app.settings
    background = Background(app)  # before anything is said: it refuses a webhook that cannot be used
    web = create_app(app, background=background)
    server = create_server(
        web,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS_MAX,
        ident="sayso",
        # Nothing here believes a proxy's headers, but that there are any tells that a request is not this machine's own.
        clear_untrusted_proxy_headers=False,
    )
    address = own_address(settings)
    welcome = first_owner_link(app)
    if call.as_json:
        told = {"url": address, "seller": app.ports.store.seller}
        call.print_json(told | ({"owner_link": welcome} if welcome else {}))
    else:
        for line in _greeting(address, app.ports.store.seller, {each.rule for each in web.url_map.iter_rules()}):
            click.echo(line)
        if welcome:
            click.echo(f"Become the owner, once, within a day: {welcome}")
    version = ""
    try:
        version = app.ports.catalogue.version  # raises where nothing was imported
    except CatalogueMissing as missing:
        if app.catalogue.path.exists():
            click.echo(f"Nothing can be sold: {missing}.", err=True)
        else:
            click.echo("There are no products yet: `sayso demo`, or `sayso catalogue import FILE`.", err=True)
    if stopped := stopped_import(settings.data_dir, version):
        click.echo(f"Note: {told_of_stopped_import(stopped, version)}", err=True)
    background.start()
    settle_memory()
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        click.echo("Stopped.", err=True)
    finally:
        server.close()
        background.stop()


def _open_port(host: str, port: int) -> socket.socket:
    """Opened before anything else is said, so that a port in use is all that the operator reads about."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as refused:
        why = _WHY_NOT.get(refused.errno or 0, f"cannot be opened: {refused.strerror or refused}")
        raise click.ClickException(f"port {port} {why}") from refused


def _greeting(address: str, seller: str, served: Collection[str]) -> list[str]:
    """What is there at the address; `served` are the paths that the application answers."""
    places = (
        ("talk to it:", "", ["/"]),
        ("owner's pages:", "", ["/console"]),
        ("for parents:", "", ["/household"]),
        ("Alexa:", "POST ", ["/alexa"]),
        ("Dialogflow:", "POST ", ["/dialogflow/cx", "/dialogflow/es"]),
        ("Actions:", "POST ", ["/actions"]),
    )
    lines = [f"{seller} is open at {address}"]
    for name, how, paths in places:
        if paths[0] in served:
            lines.append(f"  {name:<15} {how}{', '.join(f'{address}{path}' for path in paths if path in served)}")
    return [*lines, "  stop it:        Ctrl+C"]


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
