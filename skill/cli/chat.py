"""`sayso chat`: talk to the skill in the terminal, through the platform's real adapter; or play a conversation file."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from skill.cli.options import NAME, Call, common_options
from skill.errors import ConversationInvalid, RequestRejected
from skill.shop.households import Household, HouseholdId
from skill.simulator import PLATFORMS, SIMULATED_USER, VERIFIED, Verified

if TYPE_CHECKING:
    from skill.app import App
    from skill.simulator.recording import Recording
    from skill.simulator.talk import Exchange, Talk

_HELP = """\
Type what a shopper would say. Beside that:
  /launch         open the store       /end            walk away
  /new            a new session        /redeliver      the last request once more
  /verify HOW     the platform checked the speaker itself: achieved, not_achieved or not_enabled
  /speaker NAME   whose voice is recognised; without a name, nobody's
  /language CODE  another language, such as it-IT, in a new conversation; without a code, which there are
  /clock MOVE     moves the clock: +2m, -1h, tomorrow 08:00, monday 21:30, now; without a move, what it says
  /touch WHAT     touches a line of the screen, by its number, or a button, such as check-out
  /send FILE      runs a captured request, and goes on from there
  /replay FILE    plays a conversation file, one step at a time
  /cart           what is in the cart  /guard          what the guard decided last, and why
  /limits         limits and what is spent
  /envelopes      show each request and response as JSON, or stop showing them
  /save FILE      save the conversation as a test that can be played again
  /quit           leave"""


@click.command("chat", help="Talk to the skill in the terminal.")
@click.option(
    "--platform", type=click.Choice(PLATFORMS), default=None, help="Whose adapter is between.  [default: alexa]"
)
@click.option(
    "--household",
    metavar="HOUSEHOLD",
    type=NAME,
    default=None,
    help="Who shops.  [default: whom the simulator is linked to]",
)
@click.option("--device", type=NAME, default="kitchen", show_default=True, help="Which device is spoken to.")
@click.option(
    "--speaker",
    default=None,
    metavar="NAME",
    type=NAME,
    help="Whose voice the platform recognises.  [default: nobody's]",
)
@click.option("--screen", is_flag=True, help="The device has a screen.")
@click.option(
    "--language", default=None, metavar="CODE", help="Which language is spoken, such as it-IT.  [default: SAYSO_LOCALE]"
)
@click.option("--clock", "clock", default=None, metavar="MOVE", help="When it begins: +2h, tomorrow 08:00 …")
@click.option(
    "--url", default=None, metavar="URL", help="Talk to a running server instead, such as http://127.0.0.1:8080."
)
@click.option(
    "--script", "scripts", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="Play a file."
)
@click.option("--step", is_flag=True, help="With --script: waits for Enter after every step.")
@click.option("--envelopes", is_flag=True, help="Show the requests and responses as JSON.")
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Save it as a test at the end."
)
@common_options
def chat(
    call: Call,
    platform: str | None,
    household: str | None,
    device: str,
    speaker: str | None,
    screen: bool,
    language: str | None,
    clock: str | None,
    url: str | None,
    scripts: tuple[Path, ...],
    step: bool,
    envelopes: bool,
    save: Path | None,
) -> None:
    if scripts:
        others = {"--household": household, "--url": url, "--save": save, "--speaker": speaker}
        others |= {"--language": language, "--clock": clock}
        wrong = next((name for name, value in others.items() if value), None)
        if wrong:
            raise click.UsageError(f"{wrong} does not go with --script: a conversation file says it all")
        _play_files(call, scripts, platform, envelopes, step=step)
        return
    if save is not None and (url or save.exists()):
        why = "a server does not tell enough to save it" if url else "it exists; give another name"
        raise click.BadParameter(why, param_hint="--save")
    platform = platform or PLATFORMS[0]
    if speaker and platform != "alexa":
        raise click.UsageError(f"--speaker does not go with --platform {platform}, which tells its webhook of no voice")
    locale = _known_language(language or call.settings().locale)
    if url:
        if household:
            raise click.UsageError("--household does not go with --url: the server's own links decide")
        if clock:
            raise click.UsageError("--clock does not go with --url: move the server's own clock, on its page")
        from skill.simulator.talk import talk_over_http

        secret = call.settings().dialogflow_secret
        talk = talk_over_http(url, platform, SIMULATED_USER, locale=locale, secret=secret, device=device)
        _Terminal(call, talk, platform, device, speaker, envelopes).run(save)
        return
    with call.app(begins=True, rehearsing=True) as app:
        terminal = _Terminal.in_process(call, app, platform, household, device, speaker, screen, envelopes, locale)
        if clock and not terminal.move_clock(clock):
            raise SystemExit(1)
        terminal.run(save)


def _known_language(code: str) -> str:
    from skill.platforms.text import locales
    from skill.simulator.talk import known_locale

    known = known_locale(code)
    if known is None:
        raise click.UsageError(f"there are no sentences for {code!r}; there are: {', '.join(locales())}")
    return known


@dataclass(slots=True)
class _Terminal:
    """A conversation in the terminal. `app`, `recording` and whose cart it is are unknown where a server is talked to."""

    call: Call
    talk: Talk
    platform: str
    device: str
    speaker: str | None
    envelopes: bool
    app: App | None = None
    household: Household | None = None
    owner: str = ""
    user: str = ""
    screen: bool = False
    recording: Recording | None = None
    decided: int = field(default=0, init=False)
    is_over: bool = field(default=False, init=False)

    @staticmethod
    def in_process(
        call: Call,
        app: App,
        platform: str,
        household_id: str | None,
        device: str,
        speaker: str | None,
        screen: bool,
        envelopes: bool,
        locale: str,
    ) -> _Terminal:
        from skill.simulator.inside import last_decision
        from skill.simulator.talk import talk_in_process

        user = SIMULATED_USER
        if household_id:
            household: Household | None = app.ports.households.get(HouseholdId(household_id))
            linked = dict(app.ports.households.linked(HouseholdId(household_id)))
            if platform not in linked:
                raise click.ClickException(
                    f"{household_id} has no account on {platform}: "
                    f"sayso household link {household_id} --platform {platform} --user USER_ID"
                )
            user = linked[platform]
        else:
            household = app.ports.households.of_user(platform, user)
        owner = household.household_id if household else f"guest:{platform}:{user}"
        talk = talk_in_process(app, platform, user, device=device, screen=screen, locale=locale)
        terminal = _Terminal(
            call,
            talk,
            platform,
            device,
            speaker,
            envelopes,
            app,
            household,
            owner,
            user,
            screen and platform == "alexa",
        )
        terminal.record(locale)
        decision = last_decision(app.ports, household) if household else None
        terminal.decided = decision.number if decision else 0
        if household is None and not call.as_json:
            click.echo(
                "You are a guest, who may look round and never order; `sayso demo` sets a household up.", err=True
            )
        return terminal

    def record(self, locale: str) -> None:
        """From now on, what is said and heard is written down."""
        from skill.simulator.recording import Recording

        if self.app is not None:
            screens = (self.device,) if self.screen else ()
            self.recording = Recording(self.app.ports, self.platform, locale, self.owner, self.household, screens)

    def move_clock(self, move: str) -> bool:
        """`+2m`, `tomorrow 08:00` …; "" tells what it says. What the sweeper would do by then is done at once. False where it
        stays as it is, with the reason told."""
        from skill.guard.windows import zone
        from skill.ordering.sweeping import sweep
        from skill.simulator.clock import MovableClock, read_move, why_fixed

        if self.app is None:
            click.echo("  the clock of a server that is talked to is moved on its own page", err=True)
            return False
        ports = self.app.ports
        clock = ports.clock
        named = zone(self.household.time_zone if self.household else ports.store.time_zone)
        if move and not isinstance(clock, MovableClock):
            click.echo(f"  the clock stands with the machine's: {why_fixed(self.app.settings)}", err=True)
            return False
        if move and isinstance(clock, MovableClock):
            try:
                clock.move(read_move(move, clock.now_utc(), named))
            except RequestRejected as rejected:
                click.echo(f"  {rejected}", err=True)
                return False
            sweep(ports, clock.now_utc())
        local = clock.now_utc().astimezone(named)
        self._show(
            {"clock": local.isoformat(timespec="seconds")}, f"  (it is {local:%a %d %b %Y, %H:%M:%S}, {named.key})"
        )
        return True

    def run(self, save: Path | None) -> None:
        if sys.stdin.isatty() and not self.call.as_json:
            click.echo("/help shows what else can be typed; /quit leaves.")
        if not self._exchange("launch", "") and self.app is None:
            raise SystemExit(1)  # there is no server to talk to
        for line in _lines(prompt=not self.call.as_json):
            if line.startswith("/"):
                self._command(*_split(line))
            else:
                self._exchange("say", line)
            if self.is_over:
                break
        if save is not None:
            self._save(save)

    def _exchange(self, how: str, words: str) -> bool:
        """False where no request was sent, or none was answered."""
        self.talk.recognise(self.speaker)
        try:
            exchange = {
                "launch": self.talk.launch,
                "say": lambda: self.talk.say(words),
                "verify": lambda: self.talk.verify(cast("Verified", words)),
                "touch": lambda: self.talk.touch(_touched(words)),
                "redeliver": self.talk.redeliver,
                "end": self.talk.end,
            }[how]()
        except RequestRejected as rejected:
            self._show({"error": str(rejected)}, f"  ! {rejected}")
            return False
        if exchange is None:
            self._show({"ended": True}, "  (the session is over)")
            return True
        if self.recording is not None and how != "end":
            deed = None if how == "say" else {how: _touched(words) if how == "touch" else words or True}
            self.recording.add(exchange, device=self.device, speaker=self.speaker, deed=deed)
        self._tell(exchange)
        return True

    def _tell(self, exchange: Exchange) -> None:
        decision = self._new_decision()
        if self.call.as_json:
            click.echo(json.dumps(self._as_json(exchange, decision), ensure_ascii=False))
            return
        if exchange.understood is not None and sys.stdin.isatty() and self.envelopes:
            slots = ", ".join(f"{name}={value}" for name, value in exchange.understood.slots.items())
            click.secho(f"  understood: {exchange.understood.intent} {slots}".rstrip(), dim=True)
        click.echo(f"{click.style('store>', fg='green', bold=True)} {exchange.heard.speech or '(silence)'}")
        if exchange.heard.card is not None:
            click.secho(f"  [{exchange.heard.card.title}]", bold=True)
            for line in exchange.heard.card.text.splitlines():
                click.echo(f"  | {line}")
        cart = self._cart()
        if cart:
            click.secho(f"  cart: {', '.join(cart)}", dim=True)
        for line in decision:
            click.secho(f"  guard: {line}", fg="yellow")
        if self.envelopes:
            _show_envelopes(exchange)
        if not exchange.heard.expects_more and exchange.heard.speech:
            click.secho("  (the session is closed; what you say next opens a new one)", dim=True)

    def _as_json(self, exchange: Exchange, decision: list[str]) -> dict[str, Any]:
        heard, understood = exchange.heard, exchange.understood
        told: dict[str, Any] = {
            "words": exchange.words,
            "intent": understood.intent if understood else None,
            "slots": dict(understood.slots) if understood else {},
            "speech": heard.speech,
            "card": {"title": heard.card.title, "text": heard.card.text} if heard.card else None,
            "expects_more": heard.expects_more,
            "expected_slot": list(heard.expected_slot) if heard.expected_slot else None,
            "cart": self._cart(),
            "guard": decision,
        }
        return told | ({"request": exchange.request, "response": exchange.response} if self.envelopes else {})

    def _cart(self) -> list[str]:
        if self.app is None:
            return []
        from skill.simulator.inside import cart_seen

        return [
            f"{each.quantity} x {each.title}, {each.size} ({each.price})"
            for each in cart_seen(self.app.ports, self.owner)
        ]

    def _new_decision(self) -> list[str]:
        """What the guard decided in this turn; empty where it was not asked."""
        from skill.simulator.inside import last_decision

        if self.app is None or self.household is None:
            return []
        decision = last_decision(self.app.ports, self.household)
        if decision is None or decision.number <= self.decided:
            return []
        self.decided = decision.number
        return self._decision_lines()

    def _decision_lines(self) -> list[str]:
        from skill.simulator.inside import decision_label, last_decision, reason_text

        decision = last_decision(self.app.ports, self.household) if self.app and self.household else None
        if self.app is None or decision is None:
            return []
        currency = self.app.ports.store.currency
        return [decision_label(decision), *(f"  {reason_text(why, data, currency)}" for why, data in decision.reasons)]

    def _command(self, name: str, rest: str) -> None:
        match name:
            case "/help":
                click.echo(_HELP)
            case "/launch" | "/redeliver" | "/end":
                self._exchange(name[1:], "")
            case "/verify":
                if rest in VERIFIED:
                    self._exchange("verify", rest)
                else:
                    click.echo(f"  write /verify and one of {', '.join(VERIFIED)}", err=True)
            case "/new":
                self.talk.new_session()
                click.echo("  (a new session)")
            case "/speaker" if rest and self.platform != "alexa":
                click.echo(f"  {self.platform} tells its webhook of no voice", err=True)
            case "/speaker":
                self.speaker = rest or None
                click.echo(f"  (the voice of {rest})" if rest else "  (nobody is recognised)")
            case "/language":
                self._speak(rest)
            case "/clock":
                self.move_clock(rest)
            case "/touch":
                if rest:
                    self._exchange("touch", rest)
                else:
                    click.echo("  write /touch and the number of a line, or what a button sends", err=True)
            case "/send":
                self._send(Path(rest))
            case "/replay":
                self._replay(Path(rest))
            case "/envelopes":
                self.envelopes = not self.envelopes
                if self.envelopes and self.talk.last is not None:
                    _show_envelopes(self.talk.last)
            case "/cart":
                click.echo("\n".join(f"  {line}" for line in self._cart() or ["nothing in it"]))
            case "/guard":
                click.echo("\n".join(f"  {line}" for line in self._decision_lines() or ["not asked yet"]))
            case "/limits":
                self._show_limits()
            case "/save":
                self._save(Path(rest) if rest else None)
            case "/quit" | "/exit":
                self.is_over = True
            case _:
                click.echo(f"  {name} is no command; /help shows them", err=True)

    def _speak(self, code: str) -> None:
        from skill.platforms.text import locales
        from skill.simulator.talk import known_locale, talk_in_process

        locale = known_locale(code) if code else None
        if locale is None:
            click.echo(f"  there are: {', '.join(locales())}", err=bool(code))
            return
        if self.app is None:
            click.echo("  a server is talked to in another language with --language", err=True)
            return
        self.talk = talk_in_process(
            self.app, self.platform, self.user, device=self.device, screen=self.screen, locale=locale
        )
        self.record(locale)
        click.echo(f"  (a new conversation, in {locale})")

    def _send(self, path: Path) -> None:
        """Runs what a platform sent once, for the household that is shopping here, under new ids."""
        from skill.simulator.envelopes.captured import platform_of, read_captured, send_anew, speak_for
        from skill.simulator.recording import captured_step

        if self.app is None:
            click.echo("  a captured request is run in this process; leave --url out", err=True)
            return
        try:
            for captured in read_captured(path.read_text(encoding="utf-8")):
                platform = platform_of(captured)
                if platform != self.platform:
                    raise RequestRejected(f"this is a request of {platform}: start with --platform {platform}")
                token = self.talk.token_of(self.user)
                request = speak_for(send_anew(captured, platform), platform, self.user, token)
                exchange = self.talk.send_captured(request)
                is_step, deed, shown = captured_step(exchange)
                if is_step and self.recording is not None:
                    self.recording.add(exchange, device=self.device, speaker=None, deed=deed)
                if not self.call.as_json:
                    secret = exchange.turn is not None and "code" in exchange.turn.slots
                    click.echo(f"{click.style('sent>', fg='blue', bold=True)} {'(a code)' if secret else shown}")
                self._tell(exchange)
        except (RequestRejected, OSError, UnicodeDecodeError) as rejected:
            why = rejected.strerror if isinstance(rejected, OSError) else rejected
            self._show({"error": str(why)}, f"  ! {path}: {why}")

    def _replay(self, path: Path) -> None:
        try:
            _play_files(self.call, (path,), None, self.envelopes, step=True)
        except (ConversationInvalid, SystemExit) as ended:
            if isinstance(ended, ConversationInvalid):
                click.echo(f"  {ended}", err=True)

    def _show_limits(self) -> None:
        if self.app is None or self.household is None:
            click.echo("  no household, no limits: a guest may never order")
            return
        from skill.simulator.inside import inside_json

        inside = inside_json(self.app.ports, self.owner, self.household, self.speaker)
        for each in inside["windows"]:
            click.echo(f"  {each['label'] + ':':<28} {each['spent']} of {each['cap']}")
        for each in inside["facts"]:
            click.echo(f"  {each['name'] + ':':<28} {each['value']}  ({', '.join(each['sources'])})")
        click.echo(f"  {'purchase code:':<28} {inside['code']}")

    def _save(self, path: Path | None) -> None:
        if self.recording is None or path is None:
            click.echo("  write /save FILE; a server that is talked to tells too little to save it", err=True)
            return
        if self.recording.is_empty:
            click.echo(f"  {path} is not saved: nothing has been said yet", err=True)
            return
        try:
            # "x": what is there, perhaps a test that somebody wrote, is never written over.
            with path.open("x", encoding="utf-8") as file:
                file.write(self.recording.to_yaml(path.stem.replace("_", " ").replace("-", " ")))
        except OSError as refused:
            why = "it exists; give another name" if isinstance(refused, FileExistsError) else refused.strerror
            click.echo(f"  {path} is not saved: {why}", err=True)
            return
        click.echo(f"  saved: sayso chat --script {path}", err=self.call.as_json)

    def _show(self, as_json: dict[str, Any], text: str) -> None:
        click.echo(json.dumps(as_json, ensure_ascii=False) if self.call.as_json else text)


def _touched(what: str) -> int | str:
    return int(what) if what.isascii() and what.isdigit() and len(what) < 3 else what


def _lines(*, prompt: bool) -> Iterator[str]:
    """What is typed, line by line; without a terminal the words are shown as if they had been typed."""
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  # its import is what gives input() a history
    mark = click.style("you>", fg="blue", bold=True)
    while True:
        try:
            # Plain: colours in it would make the editor of the line miscount where the line begins.
            line = input("you> " if is_terminal and prompt else "")
        except (EOFError, KeyboardInterrupt):
            if is_terminal:
                click.echo()
            return
        except UnicodeDecodeError:
            raise click.ClickException("what was piped in is not UTF-8") from None
        words = " ".join(line.split())
        if words:
            if not is_terminal and prompt:
                click.echo(f"{mark} {words}")
            yield words


def _split(line: str) -> tuple[str, str]:
    name, _, rest = line.partition(" ")
    return name.casefold(), rest.strip()


def _show_envelopes(exchange: Exchange) -> None:
    click.secho("  request:", dim=True)
    click.echo(json.dumps(exchange.request, indent=2, ensure_ascii=False))
    click.secho("  response:", dim=True)
    click.echo(json.dumps(exchange.response, indent=2, ensure_ascii=False))


# --- files ------------------------------------------------------------------------------------------------------------------


def _play_files(
    call: Call, paths: tuple[Path, ...], platform: str | None, envelopes: bool, *, step: bool = False
) -> None:
    """Plays each file in a store of its own, made from the sample: nothing of the operator's is touched."""
    from skill.cli.demo import make_sample_store
    from skill.simulator.conversation import read_conversation

    conversations = [(path, read_conversation(path)) for path in paths]
    failed = 0
    reports: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="sayso-") as folder:
        store = Path(folder, "store")
        products = make_sample_store(store)
        for path, conversation in conversations:
            platforms = [platform] if platform else list(conversation.platforms)
            if platform and platform not in conversation.platforms:
                raise ConversationInvalid(f"{path.name} is for {', '.join(conversation.platforms)}, not for {platform}")
            for each in platforms:
                stage_dir = Path(folder, f"stage-{len(os.listdir(folder))}")
                report = _play(call, path, conversation, each, store, products, stage_dir, envelopes, step)
                failed += bool(report["problems"])
                reports.append(report)
    if call.as_json:
        call.print_json(reports)
    if failed:
        raise SystemExit(1)


def _play(
    call: Call,
    path: Path,
    conversation: Any,
    platform: str,
    store: Path,
    products: Any,
    folder: Path,
    envelopes: bool,
    step: bool,
) -> dict[str, Any]:
    from skill.simulator.replay import failure_text, play, said_text, set_stage

    problems: list[str] = []
    stage = set_stage(conversation, platform, store, products, folder)
    try:
        if not call.as_json:
            click.secho(f"{conversation.title} ({platform})", bold=True)
        for played in play(stage):
            problems += [failure_text(path.name, platform, played)] if played.problems else []
            if call.as_json:
                continue
            click.echo(
                f"{click.style('you>', fg='blue', bold=True)} {played.step.say or f'({said_text(played.step)})'}"
            )
            if played.exchange is not None:
                click.echo(
                    f"{click.style('store>', fg='green', bold=True)} {played.exchange.heard.speech or '(silence)'}"
                )
                if envelopes:
                    _show_envelopes(played.exchange)
            for check in played.checks if step else ():
                if check.name != "always":
                    mark = click.style("✗", fg="red") if check.problems else click.style("✓", fg="green")
                    click.echo(f"  {mark} {check.name}: {' | '.join(check.wanted.splitlines())}")
            for problem in played.problems:
                click.secho(f"  ! line {played.line}: {problem}", fg="red")
            if step and sys.stdin.isatty() and played.number < len(conversation.steps):
                click.prompt("  Enter for the next step", default="", show_default=False, prompt_suffix=" ")
    finally:
        stage.close()
    if not call.as_json:
        click.secho("  as written" if not problems else f"  {len(problems)} steps went otherwise", dim=not problems)
    return {"file": str(path), "title": conversation.title, "platform": platform, "problems": problems}
