"""The developer's local page, and the requests that each platform would send."""

from typing import Literal, get_args

#: The platforms that can be talked through here.
Platform = Literal["alexa", "dialogflow-cx", "dialogflow-es", "actions-builder"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)

#: The account, on every platform, that the page and `sayso chat` speak for unless told otherwise. `sayso demo` links it.
SIMULATED_USER = "simulator"

#: How a platform's own check of the speaker may end.
Verified = Literal["achieved", "not_achieved", "not_enabled"]
VERIFIED: tuple[Verified, ...] = get_args(Verified)
