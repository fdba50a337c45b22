"""Plays a conversation file on one platform: a store of its own, a clock that only the file moves, and every answer checked."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from skill.app import App, build_app
from skill.errors import CodeRefused, ConversationInvalid, HouseholdInvalid, PolicyInvalid, RequestRejected
from skill.guard.policy_file import PolicyChange, read_knobs
from skill.households import assign_profile, change_policy, create_household, set_purchase_code
from skill.ordering.sweeping import sweep
from skill.ports import PaymentResult, PaymentState
from skill.settings import Settings
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Product, Sku
from skill.shop.households import Household
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId
from skill.simulator.conversation import Conversation, HouseholdSetUp, OrderWanted, Outside, Step, is_pattern
from skill.simulator.inside import cart_seen, last_decision
from skill.simulator.screen import screen_of
from skill.simulator.talk import Exchange, Talk, talk_in_process
from skill.turn import Expect

#: What an ear can hold, for any answer that reads products out.
PRODUCTS_SPOKEN_MAX = 3
PRODUCT_WORDS_MAX = 45

ORDERS_CHECKED_MAX = 50

_REMEMBERED = re.compile(r"\{(\w+)\}")


class PlayedClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now_utc(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class PlayedPayments:
    """A payment provider that does what the conversation says, and tells what it has charged."""

    def __init__(self) -> None:
        self.outcome = PaymentState.APPROVED
        self._charged: dict[OrderId, tuple[PaymentState, Money]] = {}

    @property
    def charges(self) -> tuple[int, ...]:
        """What was charged and not given back, in minor units, oldest first."""
        return tuple(money.amount for state, money in self._charged.values() if state is PaymentState.APPROVED)

    def charge(self, order_id: OrderId, amount: Money) -> PaymentResult:
        state, _ = self._charged.setdefault(order_id, (self.outcome, amount))
        return PaymentResult(state, f"played-{order_id}")

    def look_up(self, order_id: OrderId) -> PaymentResult | None:
        known = self._charged.get(order_id)
        return None if known is None else PaymentResult(known[0], f"played-{order_id}")

    def close(self, order_id: OrderId) -> PaymentResult:
        state, _ = self._charged.setdefault(order_id, (PaymentState.DECLINED, Money(0, "USD")))
        return PaymentResult(state, f"played-{order_id}")

    def refund(self, order_id: OrderId, amount: Money) -> PaymentResult:
        state, charged = self._charged.get(order_id, (PaymentState.DECLINED, amount))
        if state is not PaymentState.APPROVED or charged != amount:
            return PaymentResult(PaymentState.DECLINED)
        self._charged[order_id] = (PaymentState.DECLINED, amount)
        return PaymentResult(PaymentState.APPROVED, f"refund-{order_id}")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, as the file calls it: what it wants, what there was, and what is wrong with that."""

    name: str
    wanted: str
    got: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """A step as it went. `checks` are those that the file asks for, and those that went wrong without being asked for."""

    number: int
    line: int
    step: Step
    exchange: Exchange | None
    checks: tuple[Check, ...]
    at: datetime

    @property
    def problems(self) -> tuple[str, ...]:
        """Empty where everything was as the file wants it."""
        return tuple(problem for check in self.checks for problem in check.problems)


@dataclass(slots=True)
class Stage:
    """A store made for one conversation on one platform. `products` are what its catalogue was made from."""

    app: App
    clock: PlayedClock
    payments: PlayedPayments
    platform: str
    conversation: Conversation
    products: dict[str, Product]
    households: dict[str, Household] = field(default_factory=dict)
    talks: dict[tuple[str, str], Talk] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        self.app.close()


def set_stage(
    conversation: Conversation, platform: str, store_dir: Path, products: Sequence[Product], folder: Path
) -> Stage:
    """Copies the store in `store_dir` (its `store.yaml`, catalogue and stock) into the empty `folder` and sets it up.

    Raises `ConversationInvalid` where the file's limits or households cannot be taken.
    """
    shutil.copytree(store_dir, folder, dirs_exist_ok=True)
    clock, payments = PlayedClock(conversation.clock), PlayedPayments()
    settings = Settings(data_dir=folder, keys_dir=folder / "keys", locale=conversation.locale)
    app = build_app(settings, clock=clock, payments=payments)
    stage = Stage(app, clock, payments, platform, conversation, {each.sku: each for each in products})
    with ExitStack() as on_failure:
        on_failure.callback(app.close)
        if conversation.store_policy:
            _set_policy(stage, "store", app.ports.store.store_id, conversation.store_policy)
        for name, set_up in {"": conversation.household, **conversation.households}.items():
            stage.households[name] = _settle(stage, name, set_up)
            _fill_cart(stage, name, set_up)
        on_failure.pop_all()
    return stage


def play(stage: Stage) -> Iterator[Played]:
    """The steps as they are played. A step whose request the adapter rejects is a problem, and the rest is played on."""
    for at, step in enumerate(stage.conversation.steps):
        if step.advance:
            stage.clock.advance(step.advance)
            # As the server does every few seconds: what a reservation held is let go when its time is over.
            sweep(stage.app.ports, stage.clock.now_utc())
        if step.outside:
            _change_outside(stage, step)
        exchange, checks = None, []
        try:
            exchange = _act(stage, step)
        except RequestRejected as rejected:
            refused = f"the adapter rejected the request: {rejected}"
            checks.append(Check("request", "a request that the adapter takes", str(rejected), (refused,)))
        if exchange is not None:
            checks += _check_heard(stage, step, exchange)
        checks += _check_store(stage, step)
        line = stage.conversation.lines[at] if at < len(stage.conversation.lines) else 0
        yield Played(at + 1, line, step, exchange, tuple(checks), stage.clock.now_utc())


def failure_text(named: str, platform: str, played: Played) -> str:
    """What went wrong in a step, as a person looks for it: where, what was said, heard and wanted."""
    said = said_text(played.step)
    lines = [f"{named}, line {played.line}, step {played.number} on {platform}: {said}"]
    exchange = played.exchange
    if exchange is not None:
        if exchange.understood is not None:
            lines.append(f"  understood: {exchange.understood.intent} {dict(exchange.understood.slots) or ''}".rstrip())
        lines.append(f"  heard: {exchange.heard.speech!r}")
    return "\n".join([*lines, *(f"  {problem}" for problem in played.problems)])


def said_text(step: Step) -> str:
    """What a step does, in a few words."""
    if step.say is not None:
        return f'said "{step.say}"'
    if step.intent is not None:
        return f"intent {step.intent} {dict(step.slots) or ''}".rstrip()
    if step.launch:
        return "launched"
    if step.touch is not None:
        return f"touched {step.touch} on the screen"
    if step.redeliver:
        return "the last request once more"
    if step.verify is not None:
        return f"the platform's own check of the speaker: {step.verify}"
    return "walked away" if step.end else "nothing said"


# --- setting up -----------------------------------------------------------------------------------------------------------


def _settle(stage: Stage, name: str, set_up: HouseholdSetUp) -> Household:
    ports = stage.app.ports
    try:
        household = create_household(
            ports,
            name=set_up.name,
            address=set_up.address,
            time_zone=set_up.time_zone or ports.store.time_zone,
            email="",
            who="conversation",
            household_id=f"hh_{name or 'first'}",
        )
        if set_up.code is not None:
            set_purchase_code(ports, household.household_id, set_up.code, "conversation")
    except (CodeRefused, HouseholdInvalid) as refused:
        raise ConversationInvalid(f"household {name}: {refused}".replace(" :", ":")) from refused
    if set_up.linked:
        ports.households.link(household.household_id, stage.platform, _user(name), stage.clock.now_utc())
    if set_up.policy:
        _set_policy(stage, "household", household.household_id, set_up.policy)
    for profile, knobs in set_up.profiles.items():
        _set_policy(stage, "profile", f"{household.household_id}/{profile}", knobs)
    for person, knobs in set_up.people.items():
        _set_person(stage, household, person, knobs)
    return household


def _set_person(stage: Stage, household: Household, person: str, knobs: Mapping[str, object]) -> None:
    own = {name: value for name, value in knobs.items() if name != "profile"}
    _set_policy(stage, "person", f"{household.household_id}/{person_of(person)}", own)
    if "profile" in knobs:
        try:
            profile = str(knobs["profile"])
            assign_profile(stage.app.ports, household.household_id, person_of(person), profile, "conversation")
        except PolicyInvalid as invalid:
            raise ConversationInvalid(f"people: {person}: {invalid}") from invalid


def _fill_cart(stage: Stage, name: str, set_up: HouseholdSetUp) -> None:
    unknown = [sku for sku in set_up.cart if sku not in stage.products]
    if unknown:
        raise ConversationInvalid(f"cart: the store has no {unknown[0]}; name a SKU of its catalogue")
    if set_up.cart:
        lines = tuple(CartLine(Sku(sku), quantity) for sku, quantity in set_up.cart.items())
        stage.app.ports.carts.save(owner_of(stage, name), Cart(lines))


def _set_policy(stage: Stage, level: str, subject: str, knobs: Mapping[str, object]) -> None:
    try:
        change = PolicyChange(read_knobs(knobs, stage.app.ports.store.currency))
        change_policy(stage.app.ports, level, subject, change, "conversation", "as the conversation has it")
    except PolicyInvalid as invalid:
        raise ConversationInvalid(f"{level} policy: {invalid}") from invalid


def _user(household: str) -> str:
    return f"shopper-of-{household or 'first'}"


def person_of(speaker: str) -> str:
    return f"person.{speaker}"


def _change_outside(stage: Stage, step: Step) -> None:
    changes: Outside = step.outside or Outside()
    ports, household = stage.app.ports, stage.households[step.household]
    if changes.store_policy:
        _set_policy(stage, "store", ports.store.store_id, changes.store_policy)
    if changes.policy:
        _set_policy(stage, "household", household.household_id, changes.policy)
    if "code" in changes.model_fields_set:
        set_purchase_code(ports, household.household_id, changes.code, "conversation")
    if changes.payment:
        stage.payments.outcome = PaymentState(changes.payment)
    if changes.shelf:
        _change_shelf(stage, changes)


def _change_shelf(stage: Stage, changes: Outside) -> None:
    for sku, shelf in (changes.shelf or {}).items():
        product = stage.products.get(sku)
        if product is None:
            raise ConversationInvalid(f"shelf: the store has no {sku}; name a SKU of its catalogue")
        price = product.price if shelf.price is None else Money(shelf.price, product.price.currency)
        stock = product.stock if shelf.stock is None else shelf.stock
        stage.products[sku] = replace(product, price=price, stock=stock)
    stage.app.ports.inventory.restock(stage.products.values())


# --- acting ---------------------------------------------------------------------------------------------------------------


def _act(stage: Stage, step: Step) -> Exchange | None:
    talk = _talk(stage, step)
    if step.new_session:
        talk.new_session()
    talk.recognise(person_of(step.speaker) if step.speaker else None)
    if step.launch:
        return talk.launch()
    if step.say is not None:
        return talk.say(_fill(stage, step.say))
    if step.intent is not None:
        return talk.intent(step.intent, {name: _fill(stage, text) for name, text in step.slots.items()})
    if step.touch is not None:
        return talk.touch(step.touch)
    if step.redeliver:
        return talk.redeliver()
    if step.verify is not None:
        return talk.verify(step.verify)
    return talk.end() if step.end else None


def _talk(stage: Stage, step: Step) -> Talk:
    where = (step.household, step.device)
    if where not in stage.talks:
        user, screen = _user(step.household), step.device in stage.conversation.screens
        stage.talks[where] = talk_in_process(stage.app, stage.platform, user, device="-".join(where), screen=screen)
    return stage.talks[where]


def _fill(stage: Stage, text: str) -> str:
    """`order {number}` → `order 47`, with what a pattern of `hear` remembered."""
    return _REMEMBERED.sub(lambda found: stage.remembered.get(found[1], found[0]), text)


# --- checking -------------------------------------------------------------------------------------------------------------


def _check_heard(stage: Stage, step: Step, exchange: Exchange) -> Iterator[Check]:
    heard, reply, understood = exchange.heard, exchange.reply, exchange.understood
    if step.hear:
        yield Check("hear", _texts(stage, step.hear), heard.speech, tuple(_check_words(stage, step.hear, heard.speech)))
    if step.not_hear:
        unwanted = [each for each in step.not_hear if _find(_fill(stage, each), heard.speech) is not None]
        problems = tuple(f"did not want to hear: {each!r}" for each in unwanted)
        yield Check("not_hear", _texts(stage, step.not_hear), heard.speech, problems)
    if step.card is not None:
        shown = f"{heard.card.title}\n{heard.card.text}" if heard.card else ""
        problems = tuple(_check_shown(stage, step.card, "card", heard.card.title if heard.card else None, shown))
        yield Check("card", _texts(stage, step.card), shown or "none", problems)
    if step.shows is not None:
        screen = screen_of(exchange.response)
        shown = screen.words if screen else ""
        problems = tuple(_check_shown(stage, step.shows, "screen", screen.title if screen else None, shown))
        yield Check("shows", _texts(stage, step.shows), shown or "none", problems)
    if step.expects is not None:
        expects = reply.expects.value if reply else "nothing"
        wrong = reply is None or reply.expects is not Expect(step.expects)
        problem = f"wanted the skill to expect {step.expects}, it expects {expects}"
        yield Check("expects", step.expects, expects, (problem,) if wrong else ())
    if step.understood is not None:
        intent = understood.intent if understood else "none"
        problem = f"wanted the words understood as {step.understood}"
        yield Check("understood", step.understood, intent, (problem,) if intent != step.understood else ())
    yield from (Check("always", "", "", (problem,)) for problem in _check_limits(stage, step, exchange))


def _texts(stage: Stage, wanted: Sequence[str]) -> str:
    return "\n".join(_fill(stage, each) for each in wanted)


def _check_words(stage: Stage, wanted: Sequence[str], speech: str) -> Iterator[str]:
    for each in wanted:
        found = _find(_fill(stage, each), speech)
        if found is None:
            yield f"wanted to hear: {each!r}"
        else:
            stage.remembered.update(found)


def _check_shown(stage: Stage, wanted: Sequence[str], where: str, title: str | None, shown: str) -> Iterator[str]:
    """`where` is a card or a screen, `title` None where there is none."""
    if list(wanted) == ["none"]:
        if title is not None:
            yield f"wanted no {where}, there is: {title!r}"
        return
    if title is None:
        yield f"wanted a {where} with {', '.join(wanted)}; there is none"
        return
    for text in wanted:
        if _find(_fill(stage, text), shown) is None:
            yield f"wanted on the {where}: {text!r}; it shows: {shown!r}"


def _find(wanted: str, text: str) -> Mapping[str, str] | None:
    """What the named groups of a pattern held, empty for a plain text; None where it is not in there. Case is ignored."""
    if is_pattern(wanted):
        found = re.search(wanted[1:-1], text, re.IGNORECASE | re.DOTALL)
        return {name: held or "" for name, held in found.groupdict().items()} if found else None
    plain = " ".join(wanted.split()).casefold()
    return {} if plain in " ".join(text.split()).casefold() else None


def _check_limits(stage: Stage, step: Step, exchange: Exchange) -> Iterator[str]:
    """What must be true of every answer, whatever the file says."""
    heard, reply = exchange.heard, exchange.reply
    if reply is not None and reply.display is not None and reply.display.kind == "products":
        spoken = sum(1 for item in reply.display.items if item.price and item.price in heard.speech)
        words = len(heard.speech.split())
        if spoken > PRODUCTS_SPOKEN_MAX:
            yield f"{spoken} products are read out; an ear holds {PRODUCTS_SPOKEN_MAX}"
        if words > PRODUCT_WORDS_MAX:
            yield f"the answer is {words} words long; for products {PRODUCT_WORDS_MAX} are the most"
    if heard.speech and not heard.expects_more and not heard.task and "?" in heard.speech:
        yield "the session is closed after a question: nobody could answer it"
    if heard.expects_more and not heard.reprompt:
        yield "the session is open, and nothing is said in the silence after it"
    code = (stage.conversation.households.get(step.household) or stage.conversation.household).code
    shown = f"{heard.speech} {heard.card.title} {heard.card.text}" if heard.card else heard.speech
    if code is not None and re.search(rf"(?<![\d-]){code}(?!\d)", shown):
        yield "the purchase code is spoken or shown"


def _check_store(stage: Stage, step: Step) -> Iterator[Check]:
    ports, household = stage.app.ports, stage.households[step.household]
    if step.cart is not None:
        yield _check_cart(stage, step.cart, step.household)
    if step.orders is not None:
        orders = ports.orders.list(ORDERS_CHECKED_MAX, household_id=household.household_id)
        yield _check_orders(step.orders, orders)
    if step.charges is not None:
        wanted, there = list(step.charges), list(stage.payments.charges)
        problem = f"wanted the charges {wanted}, there are {there}"
        yield Check("charges", str(wanted), str(there), (problem,) if wanted != there else ())
    if step.decision is not None:
        decision = last_decision(ports, household)
        named = [decision.kind, decision.how, *(why for why, _ in decision.reasons)] if decision else ["none"]
        got = ", ".join(filter(None, named))
        problem = f"wanted the guard's last decision to be {step.decision}, it was {got}"
        yield Check("decision", step.decision, got, (problem,) if step.decision not in named else ())


def _check_cart(stage: Stage, wanted: Mapping[str, int], household: str) -> Check:
    missing, problems = dict(wanted), []
    there = cart_seen(stage.app.ports, owner_of(stage, household))
    for line in there:
        names = (line.sku, line.title, f"{line.title}, {line.size}")
        name = next((key for key in missing if key.casefold() in (each.casefold() for each in names)), None)
        if name is None:
            problems.append(f"did not want in the cart: {line.quantity} x {line.title}, {line.size} ({line.sku})")
        elif missing.pop(name) != line.quantity:
            problems.append(f"wanted {wanted[name]} x {name} in the cart, there are {line.quantity}")
    problems += [f"wanted {quantity} x {name} in the cart, there is none" for name, quantity in missing.items()]
    got = "\n".join(f"{line.quantity} x {line.title}, {line.size} ({line.sku})" for line in there)
    wants = "\n".join(f"{quantity} x {name}" for name, quantity in wanted.items())
    return Check("cart", wants or "nothing", got or "nothing", tuple(problems))


def owner_of(stage: Stage, household: str) -> str:
    """Whose cart it is: the household's, or the guest's where its account is not linked."""
    set_up = stage.conversation.households.get(household) or stage.conversation.household
    return stage.households[household].household_id if set_up.linked else f"guest:{stage.platform}:{_user(household)}"


def _check_orders(wanted: int | tuple[OrderWanted, ...], orders: Sequence[Order]) -> Check:
    there = [f"{each.state.value} {each.total}" for each in orders]
    got = ", ".join(there) or "none"
    wants = str(wanted) if isinstance(wanted, int) else "\n".join(map(_order_text, wanted)) or "none"
    count = wanted if isinstance(wanted, int) else len(wanted)
    if count != len(orders):
        return Check("orders", wants, got, (f"wanted {count} orders, there are {len(orders)}: {got}",))
    each_wanted = () if isinstance(wanted, int) else wanted
    pairs = enumerate(zip(each_wanted, orders, strict=False), 1)
    problems = [problem for number, (each, order) in pairs for problem in _check_order(number, each, order)]
    return Check("orders", wants, f"{len(orders)}: {got}" if orders else got, tuple(problems))


def _order_text(wanted: OrderWanted) -> str:
    return ", ".join(f"{name} {value}" for name, value in wanted.model_dump(exclude_none=True).items()) or "any order"


def _check_order(number: int, wanted: OrderWanted, order: Order) -> Iterator[str]:
    if wanted.state is not None and wanted.state != order.state.value:
        yield f"wanted order {number} {wanted.state}, it is {order.state.value}"
    if wanted.total is not None and wanted.total != order.total.amount:
        yield f"wanted the total of order {number} to be {wanted.total}, it is {order.total.amount}"
    if wanted.code_proved is not None and wanted.code_proved != order.code_proved:
        yield f"wanted code_proved {wanted.code_proved} for order {number}, it is {order.code_proved}"
    if wanted.lines is not None:
        there = {line.sku: line.quantity for line in order.lines}
        if dict(wanted.lines) != there:
            yield f"wanted the lines {dict(wanted.lines)} in order {number}, there are {there}"
