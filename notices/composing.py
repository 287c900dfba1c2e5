"""From a row to a mail: text and HTML in the reader's language, with the sender's face."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import format_datetime, formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, engines
from django.template.loader import render_to_string

from lib import languages
from notices import kinds
from notices.models import Notice

# A name that is more than one host or address, with a link in it: mail programs would make it one to press.
_PLAIN = re.compile(r"[\w.+-]+(@[\w.-]+)?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.", re.IGNORECASE)
_HOST = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
ACCENT = "#4a5261"  # ink: red asks, and most mails ask nothing


def compose(notice: Notice) -> EmailMultiAlternatives | None:
    """None: nobody wants it any more. Every value in it may have been typed by somebody hostile."""
    kind = kinds.get(notice.kind)
    with languages.reading(notice.language, notice.brand.get("language")):
        links = kind.links(notice.context) if kind.links else {}
        if links is None:
            return None
        face = brand(notice.brand)
        subject = one_line(kind.subject(_tamed(notice.context)))
        values = {
            **_inert(notice.context),
            **links,
            "brand": face | {"name": _no_link(face["name"])},
            "kind": kind,
            "subject": subject,
            "to": notice.to,
            "notices_url": f"{face['url']}/notices/",
        }
        text = _plain(f"notices/{kind.name}.txt", values)
        html = render_to_string(f"notices/{kind.name}.html", values)
    message = EmailMultiAlternatives(
        subject=subject[:200],
        body=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        from_email=formataddr((one_line(face["name"]), f"no-reply@{settings.PROVIDER_DOMAIN}")),
        to=[notice.to],
        reply_to=_answers(kind, notice, face),
        headers=_headers(notice, kind, f"{face['url']}/notices/"),
    )
    message.attach_alternative(html, "text/html")
    return message


def _answers(kind: kinds.Kind, notice: Notice, face: dict[str, Any]) -> list[str] | None:
    to = one_line(kind.reply_to(notice.context)) if kind.reply_to else face["support_email"]
    return [to] if to else None


def _plain(name: str, values: dict[str, Any]) -> str:
    template: Any = engines["django"].get_template(name)
    return str(template.template.render(Context(values, autoescape=False)))


def brand(given: dict[str, Any]) -> dict[str, Any]:
    """The provider's where a brand says nothing."""
    known = {
        "name": settings.PROVIDER_NAME,
        "url": settings.PANEL_URL,
        "logo_url": "",
        "accent": ACCENT,
        "support_email": "",
        "support_url": "",
    }
    face = known | {name: value for name, value in given.items() if name in known and value}
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", face["accent"]):
        face["accent"] = ACCENT
    return face | {"url": face["url"].rstrip("/"), "name": one_line(face["name"])}


def one_line(text: str) -> str:
    """Nothing in it can begin a header, a line or a change of writing direction."""
    return " ".join(_CONTROL.sub(" ", str(text)).split())


def _tamed(context: dict[str, Any]) -> dict[str, Any]:
    return {name: _walk(value, one_line) for name, value in context.items()}


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_walk(item, change) for item in value]
    if isinstance(value, dict):
        return {name: _walk(item, change) for name, item in value.items()}
    return value


def _inert(context: dict[str, Any]) -> dict[str, Any]:
    """For the text of a mail. Addresses of pages (``url``, ``…_url``) are ours and stay."""
    return {
        name: value if name.endswith("url") else _walk(value, _no_link)
        for name, value in _tamed(context).items()
    }


def _no_link(text: str) -> str:
    """U+2060, which nobody sees, keeps programs from finding a link."""
    return text if _PLAIN.fullmatch(text) else _HOST.sub(".\u2060", _SCHEME.sub("", text))


def _headers(notice: Notice, kind: kinds.Kind, notices_url: str) -> dict[str, str]:
    headers = {
        "Message-ID": f"<{notice.message_key.hex}@{settings.PROVIDER_DOMAIN}>",
        "Date": format_datetime(notice.created_at),
        "Auto-Submitted": "auto-generated",  # RFC 3834 §5: no autoresponder answers
        "X-Auto-Response-Suppress": "All",  # the same for Exchange
    }
    if not kind.security:  # RFC 2369 §3.2, RFC 2919
        headers["List-Id"] = f"<{kind.name}.notices.{settings.PROVIDER_DOMAIN}>"
        headers["List-Unsubscribe"] = f"<{notices_url}>"
    return headers
