"""What became of a mail, in plain words: a catalogue of answers and what to do about them. Pure: no database.

``cause_of`` finds an answer's entry (stored with the row when it comes), ``explain`` says what it means for
whoever reads it, ``next_try`` when it is tried again."""

from __future__ import annotations

from delivery.explain.catalogue import BY_SLUG, CATALOGUE, FAMILIES
from delivery.explain.codes import in_words
from delivery.explain.kinds import SIDES, Action, Cause, Explained, Outcome, Side, Text
from delivery.explain.matching import cause_of
from delivery.explain.retrying import Retry, next_try
from delivery.explain.telling import explain, is_local

__all__ = [
    "BY_SLUG",
    "CATALOGUE",
    "FAMILIES",
    "SIDES",
    "Action",
    "Cause",
    "Explained",
    "Outcome",
    "Retry",
    "Side",
    "Text",
    "cause_of",
    "explain",
    "in_words",
    "is_local",
    "next_try",
]
