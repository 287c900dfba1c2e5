"""One row after the other: what becomes of it, by the rules of a mailbox made alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.access import Right, guard, may, protects_domain
from accounts.access.lookups import domains_where
from accounts.models import Account, Domain
from lib import foreign
from lib.errors import Denied, Refused
from lib.names import normalise_domain, normalise_local
from lib.passwords import check_mailbox_password
from lib.said import gettext as _
from lib.sizes import written
from mailboxes.models import Mailbox, MailDomain
from mailboxes.models.bulk import BulkRow
from mailboxes.services.mailbox import MAX_ADDRESS
from mailboxes.services.taken import taken
from mailboxes.sizes import parse_mb, quota_check

SHOWN = 320  # characters of an address that is no address
WELCOMES = 1000  # mails of one file
NO_LIMIT = frozenset({"unlimited", "none", "-", "-1", "0", "∞", "no limit"})
BYTES_FROM = 1_048_576  # a number without a unit is MB in people's lists and bytes in Plesk's: none has 1 TB
YES = frozenset(
    {"yes", "y", "true", "1", "on", "x", "suspended", "disabled", "inactive", "locked", "si", "sí", "ja"}
)
NO = frozenset({"", "no", "n", "false", "0", "off", "-", "active", "enabled", "nein"})
_LOCKED = re.compile(r"(?:[!*]{1,8}|\*LOCKED\*)(?=[${])")  # before a hash: cPanel stopped its sign-in


@dataclass(slots=True)
class Checked:
    """``password``: to be hashed, never stored."""

    line: int
    address: str
    state: str = BulkRow.State.GOOD
    mail_domain: MailDomain | None = None
    quota_mb: int = 0
    password_hash: str = ""
    password: str = ""
    welcome: str = ""
    suspended: bool = False
    field: str = ""
    reason: str = ""


@dataclass(slots=True)
class Checker:
    """For one file. ``home``: the domain on whose page it was brought; addresses without a domain are its."""

    actor: Any
    home: MailDomain
    quota_mb: int
    _account: Account = field(init=False)
    _domains: dict[str, MailDomain | Refused] = field(init=False, default_factory=dict)
    _guarded: dict[str, bool] = field(init=False, default_factory=dict)
    _seen: dict[str, int] = field(init=False, default_factory=dict)
    _welcomes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._account = self.home.domain.account

    def check(self, batch: Sequence[tuple[int, Mapping[str, str]]]) -> list[Checked]:
        """Rows by line and cells (columns.cells_of), in the file's order."""
        found = [self._one(line, cells) for line, cells in batch]
        good = [row for row in found if row.state == BulkRow.State.GOOD]
        used = taken([row.address for row in good])
        present = set(
            Mailbox.objects.present()
            .filter(address__in=[row.address for row in good])
            .values_list("address", flat=True)
        )
        for row in good:
            if row.address in present:
                row.state, row.password, row.password_hash = BulkRow.State.THERE, "", ""
            elif row.address in used:
                _spoil(row, "address", used[row.address])
            else:
                self._guard(row)
        return found

    def _one(self, line: int, cells: Mapping[str, str]) -> Checked:
        row = Checked(line, cells.get("address", "")[:SHOWN].replace("\0", "\ufffd"))
        try:
            row.mail_domain, local = self._place(cells)
            row.address = f"{local}@{row.mail_domain.domain.name}"
            self._address_check(row)
            row.quota_mb = self._quota(cells.get("quota", ""))
            row.suspended = _yes(cells.get("suspended", ""))
            self._secret(row, cells)
            row.welcome = self._welcome(cells.get("welcome", ""))
            self._may_suspend(row)
        except Refused as refused:
            _spoil(row, refused.field, refused.message)
        return row

    def _place(self, cells: Mapping[str, str]) -> tuple[MailDomain, str]:
        written_, named = cells.get("address", ""), cells.get("domain", "")
        if not written_:
            raise Refused(_("There is no address."), "address")
        local, at, domain = written_.rpartition("@")
        local, domain = (local, domain) if at else (written_, named)
        try:
            mail_domain = self._domain(domain) if domain else self.home
            return mail_domain, normalise_local(local)
        except Refused as refused:
            raise Refused(refused.message, "address") from None

    def _domain(self, text: str) -> MailDomain:
        """Each name is looked up once. Somebody else's is answered like one that does not exist."""
        key = text.strip().lower()[:300]
        found = self._domains.get(key)
        if found is None:
            try:
                found = self._look_up(normalise_domain(text)[0])
            except Refused as refused:
                found = refused
            if len(self._domains) < 10_000:
                self._domains[key] = found
        if isinstance(found, Refused):
            raise found
        return found

    def _look_up(self, name: str) -> MailDomain:
        if name == self.home.domain.name:
            return self.home
        mine = Domain.objects.all() if self.actor is None else domains_where(self.actor, Right.MAKE)
        rows = MailDomain.objects.select_related("domain", "node")
        found: MailDomain | None = rows.filter(
            domain__name=name, domain__account=self._account, domain__in=mine
        ).first()
        if found is None:
            text = _("%(domain)s is no domain of this account that you may make mailboxes in.")
            raise Refused(text % {"domain": name}, "address")
        if found.alias_of_id:
            raise Refused(
                _("%(domain)s is another name of a domain; it has no mailboxes of its own.")
                % {"domain": name},
                "address",
            )
        found.domain.account = self._account
        return found

    def _address_check(self, row: Checked) -> None:
        if len(row.address) > MAX_ADDRESS:
            raise Refused(
                _("The whole address may have %(most)d characters.") % {"most": MAX_ADDRESS}, "address"
            )
        first = self._seen.setdefault(row.address, row.line)
        if first != row.line:
            raise Refused(_("This address is in line %(n)d already.") % {"n": first}, "address")

    def _quota(self, text: str) -> int:
        """Nothing: the one that was chosen for all. Unlimited: the most that a mailbox here may have."""
        most = self._account.mailbox_mb
        if not text:
            return min(self.quota_mb, most)
        if text.strip().lower() in NO_LIMIT:
            return most
        if text.isascii() and text.isdigit() and int(text[:20]) >= BYTES_FROM:
            text = f"{max(1, int(text[:20]) // 1_048_576)} MB"
        try:
            quota_mb = parse_mb(text.replace(",", ".") if text.count(",") == 1 else text)
            quota_check(quota_mb)
        except Refused as refused:
            raise Refused(refused.message, "quota") from None
        if quota_mb > most:
            raise Refused(_("A mailbox here may hold %(most)s at most.") % {"most": written(most)}, "quota")
        return quota_mb

    @staticmethod
    def _secret(row: Checked, cells: Mapping[str, str]) -> None:
        """A hash where there is one, else the password. What wholly looks like a hash is one wherever it
        stands: no person has such a password."""
        kept, plain = cells.get("password_hash", ""), cells.get("password", "")
        if kept and _LOCKED.match(kept):
            row.suspended, kept = True, _LOCKED.sub("", kept, count=1)
        if kept:
            row.password_hash = foreign.normalised(kept)
        elif not plain:
            raise Refused(_("There is no password."), "password")
        elif set(plain) <= {"*", "•"}:  # as Google exports them
            text = _(
                "The other system shows asterisks instead of the password. Write a new one into the file."
            )
            raise Refused(text, "password")
        elif plain.startswith(("{", "$")) and foreign.looks_like_hash(plain):
            row.password_hash = foreign.normalised(plain)
        else:
            row.password = check_mailbox_password(plain, row.address)

    def _welcome(self, text: str) -> str:
        if not text:
            return ""
        try:
            validate_email(text)
        except ValidationError:
            raise Refused(_("That is no e-mail address."), "welcome") from None
        if len(text) > MAX_ADDRESS or not text.isprintable():
            raise Refused(_("That is no e-mail address."), "welcome")
        self._welcomes += 1
        if self._welcomes > WELCOMES:
            raise Refused(
                _("One file sends at most %(n)d welcome mails. Cut it into several.") % {"n": WELCOMES},
                "welcome",
            )
        return text

    def _may_suspend(self, row: Checked) -> None:
        if not row.suspended or self.actor is None:
            return
        assert row.mail_domain is not None  # noqa: S101 - its place was found before
        if not may(self.actor, Right.MANAGE, account=self._account, domain=row.mail_domain.domain):
            raise Refused(_("You may make mailboxes here, but not suspend them."), "suspended")

    def _guard(self, row: Checked) -> None:
        """Asked of the database once for each domain; of each address only where somebody above has one."""
        assert row.mail_domain is not None  # noqa: S101 - a good row has one
        domain = row.mail_domain.domain
        if domain.name not in self._guarded:
            self._guarded[domain.name] = bool(protects_domain(self.actor, domain))
        if self._guarded[domain.name]:
            try:
                guard(self.actor, [row.address], self._account)
            except Denied as denied:
                _spoil(row, "address", str(denied))


def _yes(text: str) -> bool:
    said = text.strip().lower()
    if said not in YES | NO:
        raise Refused(_("Write yes or no."), "suspended")
    return said in YES


def _spoil(row: Checked, field_: str, reason: str) -> None:
    row.state, row.field, row.reason = BulkRow.State.BAD, field_, reason
    row.password = row.password_hash = ""
