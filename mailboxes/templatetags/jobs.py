"""``{{ job.note|job_words }}``: what the node says of its work, in the reader's language."""

from __future__ import annotations

from django import template

from mailboxes.jobs.words import NOTES

register = template.Library()


@register.filter
def job_words(note: str) -> str:
    return NOTES.again(note)
