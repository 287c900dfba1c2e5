"""How long from the form to a working sign-in: mailboxes made one after the other through the panel's HTTP
form.

``form``: POST to the last byte of its answer, password hash included. ``live``: from that moment until an
IMAP sign-in over
a new TLS connection has succeeded. Sign-ins are not tried before the badge says Live: a refused one would be
answered two
seconds late on purpose and blur the figure; what is measured can only be too long, never too short.
"""

from __future__ import annotations

import secrets
import time

from bench import clients, journey
from bench.figures import percentile, say
from bench.journey import PanelError
from bench.people import throw_away
from bench.stack import Stack
from bench.web import Browser

COUNT = 200
QUOTA = "50 MB"


def run(stack: Stack, count: int = COUNT) -> dict[str, float]:
    """Keys ``form_p50_ms``, ``live_p50_ms``, ``live_p99_ms``, and ``count``."""
    browser = journey.sign_in(stack, *throw_away(stack)[0])
    domain = f"bench-{secrets.token_hex(4)}.test"
    journey.add_domain(browser, domain)
    try:
        journey.live(browser, f"mail_domain/{domain}")
        pairs = [_one(stack, browser, domain, f"box{number:03}") for number in range(count)]
    finally:
        journey.delete_domain(browser, domain)
    forms, lives = [form * 1000 for form, _ in pairs], [live * 1000 for _, live in pairs]
    figures = {
        "count": count,
        "form_p50_ms": round(percentile(forms, 0.5), 1),
        "form_p99_ms": round(percentile(forms, 0.99), 1),
        "live_p50_ms": round(percentile(lives, 0.5), 1),
        "live_p99_ms": round(percentile(lives, 0.99), 1),
    }
    say(f"{count} mailboxes: {figures}")
    return figures


def _one(stack: Stack, browser: Browser, domain: str, local: str) -> tuple[float, float]:
    """Seconds of the form, and from its answer to a successful sign-in."""
    page, form = journey.mailbox_form(browser, domain)
    password = secrets.token_urlsafe(18)
    values = {"local": local, "password": password, "quota_mb": QUOTA}
    begun = time.perf_counter()
    status, location = browser.post(page, form, values)
    answered = time.perf_counter()
    if status != 302:
        raise PanelError(f"the form for {local} answered {status} {location}")
    key = f"mailbox/{local}@{domain}"
    clients.until(
        lambda: True if 'class="st ok"' in journey.badge(browser, key) else None,
        within=journey.LIVE_WITHIN,
        what=f"{key} live",
        every=0.005,
    )
    with clients.imap(stack, f"{local}@{domain}", password):
        signed_in = time.perf_counter()
    return answered - begun, signed_in - answered
