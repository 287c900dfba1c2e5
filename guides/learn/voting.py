"""“Was this helpful?”: one answer for a person and a page, which can be changed. Who answered is not kept:
only what tells the same person's next answer from another's."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from guides.catalog import programs
from guides.learn.library import library
from guides.learn.scope import spoken
from guides.models import Vote

SALT = "guides.learn.voting"
LONGEST = 500  # characters of a sentence


def known(subject: str) -> bool:
    """``learn:SLUG`` or ``guide:PROGRAM``."""
    kind, _colon, name = subject.partition(":")
    if kind == "learn":
        return name in library().articles
    return kind == "guide" and name in programs()


def voter(user: Any) -> str:
    whose = "mailbox" if getattr(user, "is_mailbox", False) else "person"
    return salted_hmac(SALT, f"{whose}:{user.pk}", algorithm="sha256").hexdigest()


@transaction.atomic
def vote_set(*, actor: Any, subject: str, helpful: bool, sentence: str | None = None) -> Vote:
    """The page's one answer of ``actor``. ``sentence`` None: as it was; empty: taken back."""
    said: dict[str, Any] = {"helpful": helpful, "language": spoken(), "at": timezone.now()}
    if sentence is not None:
        said["sentence"] = sentence.strip()[:LONGEST]
    vote, _made = Vote.objects.update_or_create(subject=subject, voter=voter(actor), defaults=said)
    return vote


def vote_of(user: Any, subject: str) -> Vote | None:
    return Vote.objects.filter(subject=subject, voter=voter(user)).first()
