"""What a domain that waits for proof says of itself, in words."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.domains import proof
from accounts.domains.proof import Block, Finding, Servers, Txt
from accounts.models import DomainClaim
from dnszone import provider
from lib import suffixes
from panel.overview.drawing import Mark


class Waiting:
    """One claim as its page shows it."""

    def __init__(self, claim: DomainClaim) -> None:
        self.claim = claim
        self.record = proof.record_name(claim.name)
        self.value = proof.record_value(claim.token)
        self.name_servers = provider.name_servers()

    @property
    def short_record(self) -> str:
        """What many DNS forms want: the name without the domain that was registered."""
        return self.record.removesuffix(f".{suffixes.registrable(self.claim.name)}")

    @cached_property
    def found(self) -> Finding | None:
        return Finding.of(self.claim.seen)

    @cached_property
    def looking(self) -> bool:
        """A look is due: it is being made, or waits a moment for its turn."""
        return self.claim.next_check_at <= timezone.now()

    @property
    def expires_at(self) -> datetime:
        return self.claim.created_at + proof.LIFE

    @property
    def txt(self) -> Mark:
        if self.found is None:
            return Mark("off", "dots", _("Not looked yet"))
        return {
            Txt.RIGHT: Mark("ok", "check", _("Found")),
            Txt.NONE: Mark("wait", "clock", _("Not there yet")),
            Txt.OTHER: Mark("wait", "warn", _("There is another one")),
            Txt.AWAY: Mark("wait", "clock", _("No answer")),
        }[self.found.txt]

    @property
    def txt_why(self) -> str:
        if self.found is None:
            return ""
        return {
            Txt.RIGHT: "",
            Txt.NONE: _("No TXT record has this name. A new one can take minutes, at some providers hours."),
            Txt.OTHER: _("A TXT record has this name, but another value. Put exactly the value above there:"),
            Txt.AWAY: _(
                "The domain’s name servers gave no answer, so nobody knows. We ask again by ourselves."
            ),
        }[self.found.txt]

    @property
    def ns(self) -> Mark:
        if self.found is None or self.found.ns == Servers.NOT_ASKED:
            return Mark("off", "dots", _("Not looked yet"))
        return {
            Servers.OURS: Mark("ok", "check", _("Ours")),
            Servers.ELSEWHERE: Mark("wait", "clock", _("Elsewhere")),
            Servers.MIXED: Mark("wait", "warn", _("Ours and others")),
            Servers.NONE: Mark("wait", "clock", _("None")),
            Servers.AWAY: Mark("wait", "clock", _("No answer")),
        }[self.found.ns]

    @property
    def ns_why(self) -> str:
        if self.found is None or self.found.ns == Servers.NOT_ASKED:
            return ""
        return {
            Servers.OURS: _("The registry says that the domain’s name servers are ours."),
            Servers.ELSEWHERE: _("The registry says that the domain’s name servers are these:"),
            Servers.MIXED: _("All of the domain’s name servers must be ours. Take the others away:"),
            Servers.NONE: _(
                "The registry has no name servers for this name. Is it registered, and spelled so?"
            ),
            Servers.AWAY: _(
                "The registry’s servers gave no answer, so nobody knows. We ask again by ourselves."
            ),
        }[self.found.ns]

    @property
    def blocked(self) -> str:
        """Why what was found does not count, and what to do; or nothing."""
        found = self.found or Finding()
        texts = {
            Block.NONE: "",
            Block.TAKEN: _(
                "This domain, or one above or below it, was proved by another account, so it cannot become "
                "yours here. If it is yours, ask %(provider)s."
            ),
            Block.RIVALS: _(
                "Another account waits for this domain too, and name servers do not tell whose it is. Prove "
                "it by the TXT record, or ask %(provider)s."
            ),
            Block.FORMER: _(
                "This domain was in another account here before, so its name servers prove nothing about "
                "you. Prove it by the TXT record, or ask %(provider)s."
            ),
        }
        if found.block == Block.REFUSED:
            return found.why
        return texts[found.block] % {"provider": settings.PROVIDER_NAME}
