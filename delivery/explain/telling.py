"""What a row of a list means, for the one who reads it. Pure."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from delivery.explain.catalogue import BY_SLUG
from delivery.explain.codes import in_words
from delivery.explain.kinds import Action, Cause, Explained, Outcome, Text, Words
from delivery.explain.matching import Answer, cause_of, read
from delivery.statuses import Direction, Status
from lib.numbers import written

LOCAL = "lmtp"
# What only the sender's side can do; who reads of mail that was forwarded has the forwarder in hand instead.
_SENDERS = {
    "add-spf",
    "sign-dkim",
    "set-dmarc",
    "open-identities",
    "fix-address",
    "create-mailbox",
    "open-routing",
}
_FORWARDED = {
    "fix-address": _l("Correct the address that the forwarder sends to."),
    "": _l(
        "Forwarded mail fails such checks easily. Keep it in a mailbox here instead, or look "
        "at the forwarder."
    ),
}
UNKNOWN = {
    int(Status.DEFERRED): Words(
        _l("Not yet; tried again by itself."),
        _l("Not delivered yet, and not lost. The answer below says what was in the way."),
        "",
        "theirs",
    ),
    int(Status.FAILED): Words(
        _l("Not delivered."), _l("It could not be delivered. The answer below says why."), "", "theirs"
    ),
    int(Status.REJECTED): Words(
        _l("Never accepted."),
        _l("The server did not take this mail. The answer below says why."),
        "",
        "sender",
    ),
}


def is_local(entry: Explained) -> bool:
    """Delivered, or to be delivered, into a mailbox of this server."""
    return entry.agent == LOCAL


def explain(entry: Explained) -> Outcome:
    """Never raises, whatever the answer holds, and repeats nothing of it but the digits of its codes."""
    if entry.status == Status.DELIVERED:
        return _delivered(entry)
    if entry.status == Status.PROGRESS:
        return _plain("on-its-way")
    if entry.status == Status.HELD:
        return replace(_plain("held"), fate=_("It waits until somebody lets it go."))
    answer = read(entry.dsn, entry.reply)
    cause = _cause(entry)
    words = _words(entry, cause)
    todo, action = _to_do(entry, words)
    return Outcome(
        slug=cause.slug if cause else "",
        why=words.why,
        what=words.what,
        side=words.side,
        todo=todo,
        retried=_retried(entry, answer),
        fate=_fate(entry, answer, cause),
        action=action,
        code=in_words(answer.code, answer.dsn),
        link=cause.link if cause else "",
    )


def _cause(entry: Explained) -> Cause | None:
    """As it was found when it came; an answer that nobody knew then may be known by now."""
    kept = BY_SLUG.get(entry.cause)
    if kept is not None and (not kept.on or entry.status in kept.on):
        return kept
    return BY_SLUG.get(cause_of(entry.status, entry.dsn, entry.reply))


def _words(entry: Explained, cause: Cause | None) -> Words:
    if cause is None:
        return UNKNOWN[int(entry.status)]
    return cause.sent if cause.sent is not None and entry.direction == Direction.OUT else cause.words


def _to_do(entry: Explained, words: Words) -> tuple[Text, Action]:
    if entry.status == Status.REJECTED:
        return words.todo, words.action
    if entry.direction == Direction.IN and not is_local(entry) and words.action in _SENDERS:
        return _FORWARDED.get(words.action, _FORWARDED[""]), "open-forwarder"
    if words.action == "retry-now" and entry.status == Status.FAILED:
        return words.todo, ""
    return words.todo, words.action


def _temporary(entry: Explained, answer: Answer) -> bool:
    return (answer.code or answer.dsn).startswith("4")


def _retried(entry: Explained, answer: Answer) -> bool:
    if entry.status == Status.REJECTED:
        # Our own sender is told by the mail program, which asks what to do.
        return entry.direction == Direction.IN and _temporary(entry, answer)
    return entry.status == Status.DEFERRED


def _fate(entry: Explained, answer: Answer, cause: Cause | None) -> str:
    if entry.status == Status.DEFERRED:
        return _("It waits here and is tried again by itself, for up to five days.")
    if entry.status == Status.REJECTED:
        return _fate_of_refused(entry, answer)
    if cause is not None and cause.slug == "removed-by-hand":
        return _("It is gone, and is not tried again.")
    if entry.sender == "":
        return _("It is not tried again. It was a notice of a mail server, so nobody was told.")
    if entry.dsn.startswith("4"):
        return _("It was tried for five days. Then the sender was told that it could not be delivered.")
    return _("It is not tried again. The sender was told.")


def _fate_of_refused(entry: Explained, answer: Answer) -> str:
    later = _temporary(entry, answer)
    if entry.direction != Direction.IN:
        if later:
            return _("It was not taken yet: the mail program keeps it and says why.")
        return _("It was never taken, and the mail program was told why.")
    if later:
        return _("It was not taken yet: the sender’s server keeps it and tries again by itself.")
    return _("It was never taken, and the sender’s server was told why.")


def _plain(slug: str) -> Outcome:
    words = BY_SLUG[slug].words
    return Outcome(slug, words.why, words.what, words.side, words.todo, action=words.action)


def _delivered(entry: Explained) -> Outcome:
    if entry.agent == "discard" or entry.cause == "discarded":
        return _plain("discarded")
    took = _took(entry.delay)
    if is_local(entry):
        return replace(_plain("in-mailbox"), why=_("In the mailbox%(took)s.") % {"took": took})
    return replace(_plain("accepted"), why=_("Accepted by their server%(took)s.") % {"took": took})


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 0.1:
        return _(", at once")
    return _(", after %(n)s s") % {"n": written(f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")}
