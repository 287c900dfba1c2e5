"""What is looked at before mail is switched, each with what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone import names, presets, provider, reach, routing, spf
from dnszone.ttls import about
from lib import delegation
from panel.switching import here
from panel.switching.situation import LOW_ENOUGH, Seen, Situation, shown

OK, WAIT, BAD, OFF = "ok", "wait", "bad", "off"
ICONS = {OK: "check", WAIT: "warn", BAD: "cross", OFF: "dots"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``level``: OK, WAIT (works, with a catch), BAD (mail would be lost) or OFF (not looked at). ``more``:
    lines of names or records. ``host``: the subject is a host name. ``url`` and ``action``: the one thing to
    do."""

    subject: str
    level: str
    says: str
    more: Sequence[str] = field(default_factory=tuple)
    url: str = ""
    action: str = ""
    host: bool = False

    @property
    def icon(self) -> str:
        return ICONS[self.level]

    @property
    def word(self) -> str:
        return {OK: _("Good"), WAIT: _("Look at this"), BAD: _("Not ready"), OFF: _("Not looked at yet")}[
            self.level
        ]


def checks(s: Situation, seen: Seen | None) -> list[Check]:
    return [
        _mailboxes(s),
        *_targets(s, seen),
        *_spf(s, seen),
        _ttl(s, seen),
        *_routing(s),
        _served(s, seen),
        *_sts(s),
    ]


def _mailboxes(s: Situation) -> Check:
    subject, name = _("Mailboxes"), s.zone.name
    if s.mail is None and s.comes_here:
        return Check(subject=subject, level=BAD, says=_("This domain has no mail here. Ask your provider."))
    if s.comes_here:
        if s.boxes:
            said = ngettext("%(n)d mailbox is ready here.", "%(n)d mailboxes are ready here.", s.boxes)
            return Check(
                subject=subject,
                level=OK,
                says=said % {"n": s.boxes}
                + " "
                + _("Mail to any other address is refused: compare the list."),
                url=reverse("mailboxes", args=[name]),
                action=_("Mailboxes"),
            )
        return Check(
            subject=subject,
            level=BAD,
            says=_("There is no mailbox here yet, so all mail would be refused. Make them first."),
            url=reverse("mailbox-new", args=[name]),
            action=_("Make a mailbox"),
        )
    full, fullest = s.boxes_with_mail
    if not full:
        return Check(subject=subject, level=OK, says=_("No mailbox here holds mail."))
    said = ngettext(
        "%(n)d mailbox here holds mail. It stays here and can be read here: copy it to the new place.",
        "%(n)d mailboxes here hold mail. It stays here and can be read here: copy it to the new place.",
        full,
    )
    more = [f"{box.address} ({box.messages})" for box in fullest]
    return Check(subject=subject, level=WAIT, says=said % {"n": full}, more=more)


def _targets(s: Situation, seen: Seen | None) -> Iterator[Check]:
    for target in s.wanted:
        host = target.removesuffix(".")
        state = seen.hosts.get(host.lower()) if seen else None
        subject = names.shown(host)
        if state is None:
            says = _("Does it have an address, and does it answer on port 25?")
            yield Check(subject=subject, level=OFF, says=says, host=True)
            continue
        says = state.words + "."
        if state.answers == reach.YES:
            says += " " + (
                _("Offers encryption (STARTTLS).") if state.starttls else _("Offers no encryption.")
            )
        elif state.why and state.known:
            says += f" {state.why}."
        level = WAIT if state.level == OK and not state.starttls else state.level
        yield Check(subject=subject, level=level, says=says, more=state.addresses, host=True)


def _spf(s: Situation, seen: Seen | None) -> Iterator[Check]:
    texts = s.spf_texts()
    subject = _("SPF")
    if len(texts) > 1:
        says = _("There are %(n)d SPF records, which counts as none. The switch makes them one.")
        yield Check(subject=subject, level=BAD, says=says % {"n": len(texts)}, more=texts)
    covered = {name for text in texts for name in spf.includes(text)}
    missing = [name for name in (s.wish.includes if s.wish else ()) if name.lower() not in covered]
    if s.wish is not None and not s.wish.includes:
        says = _("We cannot know from where these servers send. Ask who runs them what SPF has to include.")
        yield Check(subject=subject, level=WAIT, says=says, more=texts)
    elif missing:
        says = _("Does not cover the new place yet. The switch adds it: %(what)s")
        more = [s.plan.spf.text] if s.plan else []
        yield Check(subject=subject, level=WAIT, says=says % {"what": ", ".join(missing)}, more=more)
    elif s.wish is not None:
        yield Check(subject=subject, level=OK, says=_("Covers the new place."), more=texts)
    yield from _old_spf(s, covered)
    if seen and seen.spf_cost and seen.spf_cost > spf.LOOKUPS_MAX:
        says = _(
            "Would need %(n)d look-ups, and %(max)d is the most: no server would accept it. Take out "
            "what is not used."
        )
        yield Check(subject=subject, level=BAD, says=says % {"n": seen.spf_cost, "max": spf.LOOKUPS_MAX})


def _old_spf(s: Situation, covered: set[str]) -> Iterator[Check]:
    """While old answers live, people still send from the old place."""
    away = not s.comes_here
    if s.old_until and away and s.mail is not None and s.ours.include not in covered and s.switched:
        says = _("No longer covers this server, and people may still send from here until they are moved.")
        yield Check(subject=_("SPF of the old place"), level=WAIT, says=says)
        return
    stay = presets.previous_includes(s.rows, s.ours, s.wish.includes if s.wish else ())
    if stay:
        says = _("Still covers %(what)s, which is right until everybody sends from the new place.")
        yield Check(subject=_("SPF of the old place"), level=OK, says=says % {"what": ", ".join(stay)})


def _ttl(s: Situation, seen: Seen | None) -> Check:
    subject = _("How long old answers live")
    if not s.ttl:
        return Check(subject=subject, level=OK, says=_("There is no MX now, so nobody holds an old one."))
    longest = max(s.ttl, seen.world_ttl if seen else 0)
    says = _("Others keep the MX for up to %(time)s (TTL %(ttl)d).") % {"time": about(longest), "ttl": s.ttl}
    if s.switched:
        return Check(subject=subject, level=OK, says=says)
    if longest <= LOW_ENOUGH:
        return Check(subject=subject, level=OK, says=says + " " + _("That is short enough."))
    says += " " + _("So long some mail still goes to the old place. Lower it first: step 1.")
    return Check(subject=subject, level=WAIT, says=says)


def _routing(s: Situation) -> Iterator[Check]:
    if not s.mode:
        return
    words = {
        routing.AUTOMATIC: _("Automatic"),
        routing.LOCAL: _("Local"),
        routing.BACKUP: _("Backup"),
        routing.REMOTE: _("Remote"),
        routing.OFF: _("Off"),
    }
    facts = {"now": words.get(s.mode, s.mode), "then": words.get(s.wanted_mode, s.wanted_mode)}
    url, action = "", ""
    if s.routing_fits:
        level, says = OK, _("%(now)s, which fits.")
    elif s.switched and s.old_until and not s.comes_here and s.mode == routing.LOCAL:
        level = OK
        says = _("%(now)s, so that nothing is lost while old answers live. Choose %(then)s after that.")
    elif s.switched:
        level, says = BAD, _("%(now)s, and with these MX it has to be %(then)s.")
        url, action = reverse("routing", args=[s.zone.name]), _("Email Routing")
    else:
        level, says = OK, _("%(now)s now. It becomes %(then)s together with the MX.")
    yield Check(subject=_("Email Routing"), level=level, says=says % facts, url=url, action=action)


def _served(s: Situation, seen: Seen | None) -> Check:
    subject = _("Where the domain’s DNS is")
    if seen is None:
        return Check(
            subject=subject,
            level=OFF,
            says=_("Is the zone that you change here the one that the world asks?"),
        )
    if seen.servers is None:
        return Check(
            subject=subject,
            level=WAIT,
            says=_("Not known: the registry’s servers did not answer. Look again."),
        )
    if delegation.is_to(seen.servers, provider.name_servers()):
        return Check(subject=subject, level=OK, says=_("Here: what you change is what the world sees."))
    if not seen.servers:
        says = _(
            "The domain is not delegated to any name server, so nobody finds it. Set ours where it was "
            "bought."
        )
        return Check(subject=subject, level=WAIT, says=says, more=provider.name_servers())
    says = _("At another provider (%(servers)s). Change these records there; here they change nothing:")
    new = shown(s.plan.wanted, s.rows) if s.plan else []
    return Check(
        subject=subject,
        level=WAIT,
        says=says % {"servers": ", ".join(seen.servers[:4])},
        more=[" ".join(row) for row in new],
    )


def _sts(s: Situation) -> Iterator[Check]:
    """RFC 8461: a policy names the MX hosts, and senders that hold it refuse any other."""
    if s.switched or not any(row.owner == "_mta-sts" and row.type == "TXT" for row in s.rows):
        return
    says = _(
        "An MTA-STS policy is published. It has to name the new servers before the switch, or "
        "senders refuse them."
    )
    yield Check(subject=_("MTA-STS"), level=WAIT, says=says)


def now_words(s: Situation) -> str:
    """Where mail goes now, in a word or two."""
    if s.now == presets.HERE:
        return _("the mailboxes here")
    if s.now:
        return str(presets.PRESETS[s.now].title)
    return ", ".join(names.shown(target) for target in here.targets_of(s.rows)[:3])
