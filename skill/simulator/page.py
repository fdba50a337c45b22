"""The pages at `/`: talk to the skill in a browser, through the platform's real adapter; play a conversation file; run a
captured request. On loopback alone.

Everything is a form that posts and a page that comes back, so that it works without a script; the script only swaps the parts.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from skill.app import App
from skill.errors import ConversationInvalid, HouseholdUnknown, RequestRejected, SaysoError
from skill.guard.windows import local_time, zone
from skill.households import create_household, set_purchase_code
from skill.ordering.sweeping import sweep
from skill.platforms.text import locales
from skill.shop.households import Household, HouseholdId
from skill.simulator import PLATFORMS, SIMULATED_USER
from skill.simulator.clock import MovableClock, read_move, why_fixed
from skill.simulator.conversation import ADDRESS, CODE, FILE_LENGTH_MAX, parse_conversation
from skill.simulator.envelopes.captured import read_captured
from skill.simulator.forwarded import was_forwarded
from skill.simulator.inside import inside_json, people_seen
from skill.simulator.recording import recording_name
from skill.simulator.replay import said_text
from skill.simulator.replays import MakeStore, Replay, Replays, committed_names, read_committed
from skill.simulator.talk import known_locale
from skill.simulator.talks import GUEST, SCREENS, Held, Said, Setting, Talks, open_talk, take_captured, take_turn

HOUSEHOLDS_SHOWN_MAX = 50

PLATFORM_LABELS = {
    "alexa": "Alexa",
    "dialogflow-cx": "Dialogflow CX",
    "dialogflow-es": "Dialogflow ES",
    "actions-builder": "Actions Builder",
}
DEVICES = {
    "kitchen": "Kitchen speaker",
    "living-room": "Living room speaker",
    "display": "Display with a screen",
}
#: Voices to begin with; any other name may be typed.
SPEAKERS = ("kim", "alex", "robin")
MOVES = (("-1h", "−1 h"), ("+2m", "+2 min"), ("+30m", "+30 min"), ("+1h", "+1 h"), ("+1d", "+1 day"))

#: Languages in which Amazon itself understands words: those that an interaction model is made for.
_ALEXA_MODELS = Path(__file__).parents[2] / "interaction_models" / "alexa"

STARTERS = ("find milk", "dog food under 20 dollars", "order a dollhouse")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With "no-referrer" a browser would call a form's origin "null", and no page of ours could be told from another's.
    "Referrer-Policy": "same-origin",
}


def create_simulator(app: App, make_store: MakeStore) -> Blueprint:
    """The pages and what they post to, for this machine alone; a request from, to or by way of anywhere else gets 404.

    `make_store` fills a folder with the sample store, for conversation files to be played in, and gives its products.
    """
    blueprint = Blueprint(
        "simulator", __name__, static_folder="static", static_url_path="/simulator/static", template_folder="templates"
    )
    # Whoever posts has read one of our pages, which no page of another origin can.
    token = secrets.token_urlsafe(24)
    _guard(blueprint, app, token)
    _add_conversation(blueprint, app, Talks(), Replays(make_store), token)
    return blueprint


def _guard(blueprint: Blueprint, app: App, token: str) -> None:
    @blueprint.before_request
    def stay_home() -> ResponseReturnValue | None:
        if not app.settings.serves_simulator or was_forwarded(request.environ):
            abort(404)
        if not _is_loopback(request.remote_addr) or not _is_loopback(_named_host()):
            abort(404)
        if request.method != "POST":
            return None
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        if not secrets.compare_digest(request.form.get("csrf", "").encode(), token.encode()):
            return render_template("stale.html", seller=app.ports.store.seller), 403
        return None

    @blueprint.after_request
    def add_headers(response: Any) -> Any:
        response.headers.update(_HEADERS)
        return response


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address((name or "").strip("[]")).is_loopback
    except ValueError:
        return False


def _named_host() -> str | None:
    """The name by which the browser calls us, without the port: a page elsewhere may point its own name at this machine."""
    return urlsplit(f"//{request.host}").hostname


def _add_conversation(blueprint: Blueprint, app: App, talks: Talks, replays: Replays, token: str) -> None:
    shared = {"csrf": token, "seller": app.ports.store.seller}

    @blueprint.get("/")
    def page() -> ResponseReturnValue:
        try:
            asked = {name: text for name, text in request.args.items() if text and name != "turn"}
            setting = _setting(app, Setting.model_validate(asked))
        except (ValidationError, HouseholdUnknown) as invalid:
            return _conversation(app, talks, _setting(app, Setting()), shared, problem=_problem(invalid)), 422
        return _conversation(app, talks, setting, shared)

    @blueprint.post("/simulator/say")
    def say() -> ResponseReturnValue:
        setting = _setting(app, Setting())
        try:
            said = Said.model_validate(_posted())
            setting = _setting(app, said.setting)
            held, handle = open_talk(app, talks, setting)
            with held.lock:
                take_turn(app, held, said)
        except (ValidationError, RequestRejected, HouseholdUnknown) as rejected:
            return _conversation(app, talks, setting, shared, problem=_problem(rejected)), 422
        return redirect(_address(setting.model_copy(update={"talk": handle})), 303)

    @blueprint.post("/simulator/clock")
    def move_clock() -> ResponseReturnValue:
        setting = _setting(app, Setting())
        try:
            posted = _posted()
            to = posted.pop("to", "")
            setting = _setting(app, Setting.model_validate(posted))
            _move(app, to, _household(app, setting))
        except (ValidationError, RequestRejected, HouseholdUnknown) as rejected:
            return _conversation(app, talks, setting, shared, problem=_problem(rejected)), 422
        return redirect(_address(setting), 303)

    @blueprint.post("/simulator/household")
    def begin_household() -> ResponseReturnValue:
        """A household in which nothing was bought yet, with the code that the page names; or an account of one that is there."""
        setting = _setting(app, Setting())
        try:
            posted = _posted()
            link = posted.pop("link", "")
            setting = _setting(app, Setting.model_validate(posted))
            household = app.ports.households.get(HouseholdId(link)) if link else _new_household(app)
            _link(app, household)
        except (ValidationError, SaysoError) as rejected:
            return _conversation(app, talks, setting, shared, problem=_problem(rejected)), 422
        return redirect(_address(setting.model_copy(update={"household": household.household_id, "talk": ""})), 303)

    @blueprint.get("/simulator/talks/<handle>.yaml")
    def save(handle: str) -> ResponseReturnValue:
        held = talks.get(handle)
        if held is None or held.recording.is_empty:
            return render_template("gone.html", what="conversation", **shared), 404
        name = recording_name(app.ports.clock.now_utc())
        told = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "text/yaml; charset=utf-8"}
        with held.lock:
            return held.recording.to_yaml(_title(held)), told

    @blueprint.get("/simulator/import")
    def capture() -> ResponseReturnValue:
        return _capture_page(app, shared, "", "", anew=True)

    @blueprint.post("/simulator/import")
    def run_captured() -> ResponseReturnValue:
        posted = _posted()
        text, household, anew = posted.get("captured", ""), posted.get("household", GUEST), "anew" in posted
        try:
            setting = _setting(app, Setting(household=household or GUEST))
            held, handle = take_captured(app, talks, read_captured(text), setting, anew=anew)
        except (ValidationError, RequestRejected, HouseholdUnknown) as rejected:
            return _capture_page(app, shared, text, household, anew=anew, problem=_problem(rejected)), 422
        return redirect(_address(held.setting.model_copy(update={"talk": handle})), 303)

    _add_replays(blueprint, app, talks, replays, shared)


def _add_replays(blueprint: Blueprint, app: App, talks: Talks, replays: Replays, shared: dict[str, Any]) -> None:
    @blueprint.get("/simulator/replay")
    def choose() -> ResponseReturnValue:
        return _choose_page(shared, {})

    @blueprint.post("/simulator/replay")
    def begin() -> ResponseReturnValue:
        posted = _posted()
        try:
            named, text = _chosen(app, talks, posted)
            conversation = parse_conversation(text, named)
            platform = posted.get("platform") or conversation.platforms[0]
            handle = replays.begin(named, text, conversation, platform)
        except ConversationInvalid as invalid:
            return _choose_page(shared, posted, problem=str(invalid)), 422
        return redirect(url_for("simulator.replay", handle=handle), 303)

    @blueprint.get("/simulator/replay/<handle>")
    def replay(handle: str) -> ResponseReturnValue:
        held = replays.get(handle)
        if held is None:
            return render_template("gone.html", what="replay", **shared), 404
        with held.lock:
            return _replay_page(held, handle, shared)

    @blueprint.post("/simulator/replay/<handle>")
    def step(handle: str) -> ResponseReturnValue:
        held = replays.get(handle)
        if held is None:
            return render_template("gone.html", what="replay", **shared), 404
        how = _posted().get("go", "next")
        if how == "start":
            replays.begin(held.named, held.text, held.conversation, held.platform, handle)
        else:
            with held.lock:
                held.play_one()
                while how == "end" and not held.is_over:
                    held.play_one()
        return redirect(url_for("simulator.replay", handle=handle), 303)


# --- what was posted ---------------------------------------------------------------------------------------------------


def _posted() -> dict[str, str]:
    """The form, without its token; what was left empty is left out, as a page without a script cannot do."""
    return {name: text for name, text in request.form.items() if name != "csrf" and text}


def _problem(error: SaysoError | ValidationError) -> str:
    if not isinstance(error, ValidationError):
        return str(error) or type(error).__name__
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(str(each) for each in first['loc'])}: {first['msg'].removeprefix('Value error, ')}"


def _setting(app: App, setting: Setting) -> Setting:
    """With the store's own language, and the household that the simulator's account is of, or the first that there is, where none
    is named. Raises `HouseholdUnknown`.
    """
    household = setting.household
    if not household:
        own = app.ports.households.of_user(setting.platform, SIMULATED_USER)
        first = [own] if own else _households(app)
        household = first[0].household_id if first else GUEST
    elif household != GUEST and app.ports.households.get(HouseholdId(household)).is_forgotten:
        raise HouseholdUnknown(household_id=household)
    locale = setting.locale or known_locale(app.settings.locale) or locales()[0]
    # Google's platforms tell their webhooks of no device and of no voice.
    elsewhere = {} if setting.platform == "alexa" else {"device": "kitchen", "speaker": ""}
    return setting.model_copy(update={"household": household, "locale": locale, **elsewhere})


def _address(setting: Setting) -> str:
    return url_for("simulator.page", **{name: value for name, value in setting.model_dump().items() if value})


def _households(app: App) -> list[Household]:
    """The first of those that shop here."""
    return [each for each in app.ports.households.list(HOUSEHOLDS_SHOWN_MAX) if not each.is_forgotten]


def _household(app: App, setting: Setting) -> Household | None:
    return None if setting.household == GUEST else app.ports.households.get(HouseholdId(setting.household))


def _move(app: App, to: str, household: Household | None) -> None:
    """Moves the clock, and does at once what the sweeper would do by then. Raises `RequestRejected`."""
    clock = app.ports.clock
    if not isinstance(clock, MovableClock):
        raise RequestRejected(
            f"the clock stands with the machine's: {why_fixed(app.settings) or 'the server was started so'}"
        )
    now = clock.now_utc()
    clock.move(read_move(to, now, zone(household.time_zone if household else app.ports.store.time_zone)))
    sweep(app.ports, clock.now_utc())


def _new_household(app: App) -> Household:
    ports = app.ports
    local = ports.clock.now_utc().astimezone(zone(ports.store.time_zone))
    household = create_household(
        ports,
        name=f"Household {local:%d %b %H:%M}",
        address=ADDRESS,
        time_zone=ports.store.time_zone,
        email="",
        who="simulator",
    )
    set_purchase_code(ports, household.household_id, CODE, "simulator")
    return ports.households.get(household.household_id)


def _link(app: App, household: Household) -> None:
    """An account of the simulator's own on every platform on which the household has none."""
    linked = dict(app.ports.households.linked(household.household_id))
    for platform in PLATFORMS:
        if platform not in linked:
            user, now = f"simulator-{household.household_id}", app.ports.clock.now_utc()
            app.ports.households.link(household.household_id, platform, user, now)


def _chosen(app: App, talks: Talks, posted: dict[str, str]) -> tuple[str, str]:
    """(what the file is called, what is in it): a conversation that was held, an upload, what was pasted, or a committed one.

    Raises `ConversationInvalid`.
    """
    held = talks.get(posted.get("talk", ""))
    if held is not None:
        with held.lock:
            return recording_name(app.ports.clock.now_utc()), held.recording.to_yaml(_title(held))
    uploaded = request.files.get("file")
    if uploaded is not None and uploaded.filename:
        try:
            return Path(uploaded.filename).name[:100], uploaded.read(FILE_LENGTH_MAX * 4).decode("utf-8")
        except UnicodeDecodeError as unreadable:
            raise ConversationInvalid(f"{uploaded.filename[:100]} is not UTF-8: save it as UTF-8") from unreadable
    if posted.get("pasted"):
        return "pasted.yaml", posted["pasted"]
    if posted.get("committed"):
        return posted["committed"], read_committed(posted["committed"])
    raise ConversationInvalid("choose a conversation, upload a file, or paste one")


def _title(held: Held) -> str:
    said = next((each.said for each in held.turns if not each.is_deed), "nothing was said")
    return f"A conversation from the simulator: {said}"[:200]


# --- what is shown -----------------------------------------------------------------------------------------------------


def _conversation(app: App, talks: Talks, setting: Setting, shared: dict[str, Any], problem: str = "") -> str:
    household = _household(app, setting)
    held = talks.get(setting.talk)
    if held is not None and held.setting.conversation != setting.conversation:
        held = None
    turns = list(held.turns) if held else []
    latest = turns[-1] if turns else None
    asked = request.args.get("turn", "")
    inspected = next((each for each in turns if str(each.number) == asked), latest)
    owner = held.owner if held else household.household_id if household else GUEST
    people = people_seen(app.ports, household) if household else ()
    return render_template(
        "conversation.html",
        **shared,
        setting=setting.model_copy(update={"talk": setting.talk if held else ""}),
        platforms=PLATFORM_LABELS,
        languages=_languages(),
        households=_households(app),
        household=household,
        guest=GUEST,
        devices=DEVICES,
        people=tuple(dict.fromkeys((*SPEAKERS, *people))),
        moves=MOVES,
        clock=_clock(app, household),
        starters=STARTERS if setting.locale.startswith("en") else (),
        turns=turns,
        latest=latest,
        touchable=next((each.number for each in reversed(turns) if each.screen), 0) if held and held.talk.screen else 0,
        inspected=inspected,
        envelopes=_envelopes(inspected.exchange.request, inspected.exchange.response) if inspected else None,
        inside=inside_json(app.ports, owner, household, setting.speaker or None),
        is_mute=setting.platform == "alexa" and setting.locale not in _spoken_by_alexa(),
        has_screen=setting.device in SCREENS,
        problem=problem,
        words=request.form.get("words", "") if problem else "",
        unlinked=bool(problem) and _is_unlinked(app, setting, household),
    )


def _is_unlinked(app: App, setting: Setting, household: Household | None) -> bool:
    return household is not None and setting.platform not in dict(app.ports.households.linked(household.household_id))


def _languages() -> dict[str, str]:
    return {each: Locale.parse(each, sep="-").get_display_name("en") or each for each in locales()}


def _spoken_by_alexa() -> frozenset[str]:
    return frozenset(path.stem for path in _ALEXA_MODELS.glob("*.json"))


def _envelopes(sent: Any, answered: Any) -> dict[str, str]:
    return {
        "request": json.dumps(sent, indent=2, ensure_ascii=False),
        "response": json.dumps(answered, indent=2, ensure_ascii=False),
    }


def _clock(app: App, household: Household | None) -> dict[str, Any]:
    now, clock = app.ports.clock.now_utc(), app.ports.clock
    named = household.time_zone if household else app.ports.store.time_zone
    local = local_time(household, now) if household else now.astimezone(zone(named))
    movable = isinstance(clock, MovableClock)
    return {
        "iso": now.isoformat(timespec="seconds"),
        "local": f"{local:%a %d %b %Y, %H:%M}",
        "zone": named,
        "movable": movable,
        "ahead": _ahead_text(clock.ahead) if isinstance(clock, MovableClock) else "",
        "why": "" if movable else why_fixed(app.settings) or "the server was started so",
    }


def _ahead_text(ahead: timedelta) -> str:
    """`1 d 3 h ahead of this machine`; "" within a second of it."""
    span = _span_text(ahead)
    return f"{span} {'behind' if ahead < timedelta() else 'ahead of'} this machine" if span else ""


def _moved_text(by: timedelta | None) -> str:
    """`+2 min`, `−1 h`; "" where nothing was waited for."""
    return f"{'−' if by < timedelta() else '+'}{_span_text(by)}" if by else ""


def _span_text(span: timedelta) -> str:
    """Its two largest units: `1 d 3 h`."""
    seconds = round(abs(span.total_seconds()))
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def _capture_page(app: App, shared: dict[str, Any], text: str, household: str, *, anew: bool, problem: str = "") -> str:
    return render_template(
        "import.html",
        **shared,
        households=_households(app),
        guest=GUEST,
        captured=text,
        chosen=household,
        anew=anew,
        problem=problem,
    )


def _choose_page(shared: dict[str, Any], posted: dict[str, str], problem: str = "") -> str:
    return render_template(
        "replay.html", **shared, committed=committed_names(), platforms=PLATFORM_LABELS, posted=posted, problem=problem
    )


def _replay_page(held: Replay, handle: str, shared: dict[str, Any]) -> str:
    lines = held.conversation.lines
    return render_template(
        "replaying.html",
        **shared,
        handle=handle,
        held=held,
        platform=PLATFORM_LABELS[held.platform],
        platforms={each: PLATFORM_LABELS[each] for each in held.conversation.platforms},
        steps=[
            {
                "number": at + 1,
                "line": lines[at] if at < len(lines) else 0,
                "said": said_text(step),
                "step": step,
                "moved": _moved_text(step.advance),
            }
            for at, step in enumerate(held.conversation.steps)
        ],
        last=held.seen[-1] if held.seen else None,
    )
