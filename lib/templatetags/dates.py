"""Takes the place of Django's own filters in every template (settings.TEMPLATES): the same letters, in the
order that the language writes them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.template.defaultfilters import date as django_date
from django.template.defaultfilters import time as django_time
from django.utils import timezone

from lib.dates import in_language, written

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: dt.date | str | None, form: str | None = None) -> str:
    return str(django_date(value, in_language(form) if form else None))


@register.filter(expects_localtime=True, is_safe=False)
def time(value: dt.time | str | None, form: str | None = None) -> str:
    return str(django_time(value, form))


@register.simple_tag
def today(form: str) -> str:
    """This moment, in the zone that the pages show."""
    moment: dt.datetime = timezone.localtime()
    return written(moment, form)
