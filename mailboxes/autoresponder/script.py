"""The autoresponder as Sieve (RFC 5230), for mailboxes.sieve.composing. It runs at delivery without the
panel, so that its start and end need nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from mailboxes.models import Alias, Autoresponder, Mailbox, MailDomain
from mailboxes.sieve import writing
from mailboxes.sieve.composing import AUTORESPONDER, Section
from mailboxes.sieve.writing import Command, Raw, Tag, all_of, any_of, make, negated

UNWANTED = "unwanted"
"""The variable that a filter sets when it discards or refuses a mail (mailboxes.filters.script)."""

# RFC 5230 §4.6 leaves out lists and whatever is no person; Pigeonhole does what it names. These go further.
_LIST_HEADERS = [
    "List-Id", "List-Post", "List-Help", "List-Subscribe", "List-Unsubscribe", "List-Owner", "List-Archive",
    "Mailing-List", "X-Mailing-List", "Feedback-ID", "X-Loop", "X-Autoreply", "X-Autorespond",
]  # fmt: skip
_ROBOTS = [
    "noreply*", "no-reply*", "no_reply*", "donotreply*", "do-not-reply*", "do_not_reply*", "mailer-daemon*",
    "postmaster", "owner-*", "*-owner", "*-request", "*-bounces*", "bounce*", "listserv*", "majordomo*",
    "notification*", "newsletter*", "news", "root", "daemon", "nobody",
]  # fmt: skip


ALIASES_MOST = 200


class Contributor:
    def for_mailboxes(self, mailboxes: Sequence[Mailbox]) -> dict[int, Section]:
        rows = Autoresponder.objects.filter(mailbox__in=[row.pk for row in mailboxes], enabled=True)
        by_mailbox = {row.mailbox_id: row for row in rows}
        addresses = addresses_of([row for row in mailboxes if row.pk in by_mailbox])
        return {key: section(row, addresses[key]) for key, row in by_mailbox.items()}

    def for_domains(self, mail_domains: Sequence[MailDomain]) -> dict[int, Section]:
        return {}


def addresses_of(mailboxes: Sequence[Mailbox]) -> dict[int, list[str]]:
    """Under what addresses each is written to: its own, in its domain's other names too, and aliases that
    lead to it. (A mail that names none of them is a blind copy or comes by a list, and gets no answer.)"""
    names: dict[int, list[str]] = {}
    for domain, name in MailDomain.objects.filter(
        alias_of__in={row.mail_domain_id for row in mailboxes}
    ).values_list("alias_of", "domain__name"):
        names.setdefault(int(domain or 0), []).append(name)
    wanted = {row.address for row in mailboxes}
    aliases: dict[str, list[str]] = {}
    found = Alias.objects.filter(targets__overlap=list(wanted)) if wanted else Alias.objects.none()
    for address, targets in found.order_by("address").values_list("address", "targets"):
        for target in wanted.intersection(targets):
            aliases.setdefault(target, []).append(address)
    return {
        row.pk: [
            row.address,
            *(f"{row.local}@{name}" for name in sorted(names.get(row.mail_domain_id, []))),
            *aliases.get(row.address, [])[:ALIASES_MOST],
        ]
        for row in mailboxes
    }


def section(row: Autoresponder, addresses: Sequence[str]) -> Section:
    tests = [*_time(row), *_people()]
    answer = make(
        "vacation",
        Tag(":days"), row.days,
        Tag(":subject"), row.subject,
        Tag(":addresses"), list(addresses),
        row.text.replace("\n", "\r\n"),
    )  # fmt: skip
    if not row.contacts_only:
        return writing.section(AUTORESPONDER, [writing.block(all_of(tests), answer)])
    tests.append(make("envelope", Tag(":matches"), "from", "*"))
    known = make("execute", "known", [Raw("${1}")])
    return writing.section(AUTORESPONDER, [writing.block(all_of(tests), writing.block(known, answer))])


def _time(row: Autoresponder) -> list[Command]:
    tests = []
    if row.starts:
        tests.append(_after(row.starts))
    if row.ends:
        tests.append(negated(_after(row.ends)))
    return tests


def _after(moment: dt.datetime) -> Command:
    """Now is ``moment`` or later (RFC 5260 §5, in UTC)."""
    utc = moment.astimezone(dt.UTC)
    day, clock = f"{utc:%Y-%m-%d}", f"{utc:%H:%M:%S}"
    zone = [Tag(":zone"), "+0000"]
    later_day = make("currentdate", *zone, Tag(":value"), Raw("gt"), "date", day)
    same_day = make("currentdate", *zone, Tag(":is"), "date", day)
    later_then = make("currentdate", *zone, Tag(":value"), Raw("ge"), "time", clock)
    return any_of([later_day, make("allof", same_day, later_then)])


def _people() -> list[Command]:
    """True for mail that a person wrote to this one."""
    return [
        negated(make("string", Tag(":is"), Raw("${" + UNWANTED + "}"), "yes")),
        negated(make("header", Tag(":matches"), _LIST_HEADERS, "*")),
        negated(make("header", Tag(":is"), "Precedence", ["bulk", "list", "junk", "auto_reply"])),
        negated(make("header", Tag(":matches"), "Auto-Submitted", "auto-*")),
        negated(make("header", Tag(":contains"), "X-Auto-Response-Suppress", ["All", "OOF", "AutoReply"])),
        negated(make("header", Tag(":is"), "X-Spam", "Yes")),
        negated(make("address", Tag(":localpart"), Tag(":matches"), "From", _ROBOTS)),
    ]
