"""Filters as Sieve (RFC 5228), for mailboxes.sieve.composing and for a test with real mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from mailboxes.autoresponder.script import UNWANTED
from mailboxes.filters import forwards, rules
from mailboxes.filters.rules import Action, Condition
from mailboxes.models import DomainFilter, Filter, Mailbox, MailboxFilter, MailDomain, Match
from mailboxes.sieve import writing
from mailboxes.sieve.composing import FILTERS, Section
from mailboxes.sieve.writing import Command, Kilo, Raw, Tag, all_of, any_of, block, make, negated

CAUGHT = "caught"
_FLAGS = {rules.SEEN: "\\Seen", rules.FLAGGED: "\\Flagged", rules.ANSWERED: "\\Answered"}
_HEADERS = {rules.FROM: ["From"], rules.TO: ["To", "Cc"], rules.SUBJECT: ["Subject"]}


class Contributor:
    def for_mailboxes(self, mailboxes: Sequence[Mailbox]) -> dict[int, Section]:
        found = MailboxFilter.objects.filter(owner__in=[row.pk for row in mailboxes], enabled=True)
        return _sections(mailboxes, found.order_by("owner", "position"))

    def for_domains(self, mail_domains: Sequence[MailDomain]) -> dict[int, Section]:
        found = DomainFilter.objects.filter(owner__in=[row.pk for row in mail_domains], enabled=True)
        return _sections(mail_domains, found.order_by("owner", "position"))


def _sections(owners: Sequence[Mailbox] | Sequence[MailDomain], found: Iterable[Any]) -> dict[int, Section]:
    by_owner: dict[int, list[Filter]] = {}
    for row in found:
        by_owner.setdefault(row.owner_id, []).append(row)
    return {
        owner.pk: section(by_owner[owner.pk], _live(owner, by_owner[owner.pk]), _owner(owner))
        for owner in owners
        if owner.pk in by_owner
    }


def _live(owner: Mailbox | MailDomain, rows_: Sequence[Filter]) -> set[str]:
    targets = forwards.targets_of(rows_)
    return forwards.live(owner, targets) if targets else set()


def _owner(owner: Mailbox | MailDomain) -> str:
    return owner.address if isinstance(owner, Mailbox) else f"@{owner.domain.name}"


def section(rows_: Sequence[Filter], targets: Collection[str] = (), owner: str = "") -> Section:
    """No ``stop``: what comes after the filters in the script shall still run. ``targets``: the addresses
    that mail may be forwarded to; the others did not say yes yet. ``owner``: an address, or ``@domain``."""
    return writing.section(FILTERS, [_rule(row, rows_, targets, owner) for row in rows_])


def probe(rows_: Sequence[Filter]) -> str:
    """A script that does nothing to a mail but to say which of ``rows_`` catch it, in their order: it would
    lie in folders ``rule-0``, ``rule-1`` …"""
    tests = [
        block(_test(row, rows_), make("fileinto", Tag(":copy"), f"rule-{place}"), *_caught(row))
        for place, row in enumerate(rows_)
    ]
    made = writing.section(FILTERS, tests)
    requires = ", ".join(f'"{name}"' for name in sorted(made.requires))
    return f"require [{requires}];\n{made.body}"


def _rule(row: Filter, rows_: Sequence[Filter], targets: Collection[str], owner: str) -> Command:
    actions = [
        action
        for action in rules.actions_of(row.actions)
        if action.do != rules.FORWARD or action.value in targets
    ]
    ordered = sorted(actions, key=lambda action: action.do != rules.MARK)  # marks hold for what comes after
    inside = [command for action in ordered for command in _action(action, owner)]
    return block(_test(row, rows_), *inside, *_caught(row))


def _caught(row: Filter) -> list[Command]:
    return [make("set", CAUGHT, "yes")] if row.stop else []


def _test(row: Filter, rows_: Sequence[Filter]) -> Command:
    tests = [_condition(condition) for condition in rules.conditions_of(row.conditions)]
    joined = (any_of if row.match == Match.ANY else all_of)(tests) if tests else make("true")
    before = [one for one in rows_ if one.position < row.position]
    if not any(one.stop for one in before):
        return joined
    return make("allof", negated(make("string", Tag(":is"), Raw("${" + CAUGHT + "}"), "yes")), joined)


def _condition(condition: Condition) -> Command:
    operator = condition.operator
    test = _asked(condition)
    return negated(test) if operator in (rules.LACKS, rules.NO) else test


def _asked(condition: Condition) -> Command:
    field, value = condition.field, condition.value
    if field == rules.SIZE:
        return make("size", Tag(f":{condition.operator}"), Kilo(value))
    if field == rules.ATTACHMENT:
        return _attachment()
    if field == rules.SPAM:
        return make("header", Tag(":is"), "X-Spam", "Yes")
    if field == rules.LIST:
        if condition.operator in (rules.YES, rules.NO):
            return make("header", Tag(":matches"), ["List-Id", "List-Post", "Mailing-List"], "*")
        return make("header", Tag(":contains"), ["List-Id", "List-Post", "Mailing-List"], value)
    return _text(condition)


def _text(condition: Condition) -> Command:
    """Exact parts of a sender or recipient are parts of the address; ``contains`` finds names too."""
    headers, value = _HEADERS[condition.field], condition.value
    if condition.operator in (rules.CONTAINS, rules.LACKS):
        return make("header", Tag(":contains"), headers, value)
    name, parts = ("header", []) if condition.field == rules.SUBJECT else ("address", [Tag(":all")])
    if condition.operator == rules.IS:
        return make(name, *parts, Tag(":is"), headers, value)
    plain = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")  # RFC 5228 §2.7.1
    pattern = f"{plain}*" if condition.operator == rules.BEGINS else f"*{plain}"
    return make(name, *parts, Tag(":matches"), headers, pattern)


def _attachment() -> Command:
    """Some part says so, or is no text, picture or film that a mail program shows in place."""
    part = [Tag(":mime"), Tag(":anychild"), Tag(":type")]
    return any_of(
        [
            make("header", *part, Tag(":is"), "Content-Disposition", "attachment"),
            make("header", *part, Tag(":is"), "Content-Type", "application"),
        ]
    )


def _action(action: Action, owner: str) -> list[Command]:
    match action.do:
        case rules.FOLDER:
            return [make("fileinto", Tag(":create"), action.value)]
        case rules.COPY:
            return [make("fileinto", Tag(":copy"), Tag(":create"), action.value)]
        case rules.FORWARD:
            return [block(_first_time(action.value, owner), make("redirect", Tag(":copy"), action.value))]
        case rules.MARK:
            return [make("addflag", _FLAGS[action.value])]
        case rules.DISCARD:
            return [make("discard"), _unwanted()]
        case _:
            return _refusal(action.value)


def _first_time(target: str, owner: str) -> Command:
    """Not to whom the mail came (a domain's filter runs for that mailbox too), and not what was forwarded
    from here before: circles that reach outside cannot be found when a filter is saved."""
    exactly = Tag(":contains" if owner.startswith("@") else ":is")
    came_back = make("header", exactly, "X-Sieve-Redirected-From", owner)
    return all_of([negated(make("envelope", Tag(":is"), "to", target)), negated(came_back)])


def _refusal(words: str) -> list[Command]:
    """A notice goes to nobody whose address somebody else may have written there: rspamd says whose domain
    proved it (X-Spam-Proven), and mail without its marks was submitted here by one of our own users, signed
    in. The rest lies in Junk, unanswered: better one mail too many there than backscatter."""
    proven = any_of([make("exists", "X-Spam-Proven"), negated(make("exists", "X-Spam-Score"))])
    return [
        block(proven, make("reject", words)),
        block(negated(proven), make("fileinto", Tag(":create"), "Junk")),
        _unwanted(),
    ]


def _unwanted() -> Command:
    return make("set", UNWANTED, "yes")
