"""Takes docs/simulator.png anew: `python docs/screenshot.py`. Orders something on the page first, so a broken page has no picture.

Needs `pip install playwright` and a Chromium of the system, at /usr/bin/chromium or where CHROMIUM says.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from waitress.server import create_server

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from skill.app import build_app  # noqa: E402
from skill.cli.demo import SAMPLE, ensure_demo_household, import_sample  # noqa: E402
from skill.settings import Settings  # noqa: E402
from skill.web import create_app  # noqa: E402

PICTURE = Path(__file__).with_name("simulator.png")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        (data_dir / "store.yaml").write_bytes((SAMPLE / "store.yaml").read_bytes())
        app = build_app(Settings(data_dir=data_dir, keys_dir=data_dir / "keys"))
        import_sample(app)
        ensure_demo_household(app)
        server = create_server(create_app(app), host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        try:
            take(f"http://127.0.0.1:{server.effective_port}/", sys.argv[1:])
        finally:
            server.close()
            app.close()


def take(url: str, options: list[str]) -> None:
    """`--dark` and `--phone` are for looking; the picture in the guide is light and wide."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        phone = "--phone" in options
        page = browser.new_page(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 860},
            color_scheme="dark" if "--dark" in options else "light",
        )
        troubles: list[str] = []
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(url)
        named = next((option for option in options if option.endswith(".png")), "")
        if "--empty" not in options:
            ask_for_a_quote(page)
        page.screenshot(path=named or PICTURE, full_page=phone)
        if "--empty" not in options:
            say(page, "4271", "Done.")
        if troubles:
            raise SystemExit(f"the page has errors: {troubles}")
        browser.close()
    print(named or PICTURE)


def ask_for_a_quote(page: Page) -> None:
    page.get_by_role("button", name="Open the store").click()
    expect(page.locator(".turn.store .bubble").last).to_contain_text("Welcome")
    say(page, "find coffee under ten dollars", "First")
    say(page, "add two of the first one", "Added 2")
    say(page, "check out", "four-digit code")


def say(page: Page, words: str, answer: str) -> None:
    page.get_by_label("What you say").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".turn.store .bubble").last).to_contain_text(answer)
    expect(page.locator("#state")).not_to_contain_text("Waiting")


if __name__ == "__main__":
    main()
