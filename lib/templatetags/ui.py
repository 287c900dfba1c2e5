"""Small things every page draws the same way."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, PasswordInput, RadioSelect, Select
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import languages, numbers, quotes
from lib.dates import written

register = template.Library()

WARN_AT = 85  # percent; DESIGN-NOTES: amber from here, red when full


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """The icon ``name`` of static/icons.svg, hidden from screen readers: a word always stands beside it."""
    return _icon(name, css)


@lru_cache(maxsize=512)
def _icon(name: str, css: str) -> SafeString:
    """A list shows the same few a hundred times; where static files lie does not change while we run."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f"i {css}".strip(),
        static("icons.svg"),
        name,
    )


@register.filter
def address(value: object) -> SafeString:
    """``ana@example.test`` with its repeated half dimmed, breaking at the @ first."""
    local, at, domain = str(value).rpartition("@")
    if not at:
        return format_html('<span class="addr">{}</span>', value)
    return format_html('<span class="addr">{}<wbr><span class="at">@{}</span></span>', local, domain)


def _short(number: float) -> str:
    """Three figures at most, no trailing zeros: 0.84, 11.2, 204."""
    places = 2 if number < 10 else 1 if number < 100 else 0
    text = f"{number:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return numbers.written(text)


_SIZES = (("TB", 1024**4), ("GB", 1024**3), ("MB", 1024**2), ("KB", 1024))


@register.filter
def size(value: float | None) -> str:
    """Bytes as people read them, in powers of 1024: ``1.2 MB``."""
    if value is None:
        return ""
    for unit, many in _SIZES:
        if value >= many:
            return f"{_short(value / many)} {unit}"
    return ngettext("%(n)s byte", "%(n)s bytes", int(value)) % {"n": int(value)}


@register.filter
def mb(value: float | None) -> str:
    """Megabytes (MiB) as people read them: ``2048`` → ``2 GB``."""
    return "" if value is None else (size(value * 1024**2) if value else "0 MB")


@register.filter
def count(value: float | None) -> str:
    """A number with its thousands apart as the language does it: ``1,204``."""
    return "" if value is None else numbers.written(value)


@register.simple_tag
def used_of(used: float | None, total: float, unit: str = "") -> str:
    """``0.84 of 2 GB``, ``7 KB of 2 GB`` (unit MB), ``14 of 25`` (no unit), ``212 of 500 messages`` (another
    word)."""
    used = used or 0
    if unit == "MB":
        word, many = ("GB", 1024) if total >= 1024 else ("MB", 1)
        return _("%(used)s of %(total)s") % {
            "used": size(used * 1024**2) if 0 < used / many < 0.01 else _short(used / many),
            "total": f"{_short(total / many)} {word}",
        }
    of = _("%(used)s of %(total)s") % {"used": count(used), "total": count(total)}
    return f"{of} {unit}".strip()


@register.simple_tag
def meter_state(used: float | None, total: float, calm: object = False) -> dict[str, Any]:
    """``percent`` (whole, 0 to 100) and ``css`` (``""``, ``warn``, ``full``); nothing of nothing is empty.
    ``calm``: nothing is lost when it is used up, so that is never ``full``, and a ``word`` says it."""
    used = used or 0
    percent = 0 if total <= 0 else max(0, min(100, int(used * 100 / total)))
    css = "full" if total > 0 and used >= total else "warn" if percent >= WARN_AT else ""
    word = ""
    if calm and css:
        word = (
            _("Over the limit") if used > total else _("All used") if used == total else _("Nearly all used")
        )
        css = "warn"
    return {"percent": percent, "css": css} | ({"word": word} if word else {})


def _relative(value: dt.datetime, now: dt.datetime) -> str:
    """Near times count from now, far ones carry their day. Both are in the panel's zone."""
    seconds = (now - value).total_seconds()
    clock = written(value, "H:i")
    if 0 <= seconds < 2:
        return _("just now")
    if 0 <= seconds < 60:
        return _("%(n)s s ago") % {"n": int(seconds)}
    if 0 <= seconds < 3600:
        return _("%(n)s min ago, %(clock)s") % {"n": int(seconds // 60), "clock": clock}
    days = (now.date() - value.date()).days
    if days == 0:
        return _("today %(clock)s") % {"clock": clock}
    if days == 1:
        return _("yesterday %(clock)s") % {"clock": clock}
    day = written(value, "j M" if value.year == now.year else "j M Y")
    return _("%(day)s, %(clock)s") % {"day": day, "clock": clock}


@register.filter
def when(value: dt.datetime | None) -> SafeString | str:
    """A moment as people say it: ``4 min ago, 04:51``, ``today 04:12``, ``16 Nov, 22:40``; empty for None."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    text = _relative(local, timezone.localtime())
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


@register.filter
def moment(value: dt.datetime | None) -> SafeString | str:
    """A moment to the second: ``17 Nov 2026, 04:31:07``; empty for None."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="milliseconds"),
        written(local, "j M Y, H:i:s"),
    )


@register.filter
def clock(value: dt.datetime | None) -> SafeString | str:
    """A moment in a list: ``04:31:07`` today, ``16 Nov, 22:40`` before; empty for None."""
    if value is None:
        return ""
    local, now = timezone.localtime(value), timezone.localtime()
    form = "H:i:s" if local.date() == now.date() else "j M, H:i" if local.year == now.year else "j M Y, H:i"
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), written(local, form)
    )


@register.simple_tag
def other_languages() -> list[tuple[str, str]]:
    """Code and own name of those that the page is not in."""
    return languages.others()


@register.filter
def quoted(text: object) -> str:
    """Somebody's words in the quotation marks of the language."""
    return quotes.quoted(text)


@register.filter
def looks(field: BoundField) -> str:
    """How components/field.html draws it: ``hidden tick choices select password text``."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "tick"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, Select):
        return "select"
    return "password" if isinstance(widget, PasswordInput) else "text"


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control with our class, tied to its hint and its error."""
    attrs: dict[str, str | bool] = {"placeholder": False}  # it would vanish; a hint stands above instead
    if looks(field) in {"text", "select", "password"}:
        classes = str(field.field.widget.attrs.get("class", "")).split()
        attrs["class"] = " ".join(dict.fromkeys(["input", *classes]))
    described = [f"{field.id_for_label}-h"] if field.help_text else []
    if field.errors:
        described.append(f"{field.id_for_label}-e")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)
