"""Labels of the records that the panel keeps, and what breaks when a person changes them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Label:
    """``locked``: nobody may change it here."""

    name: Promise
    breaks: Promise
    locked: bool = False


NS = "ns"
ADDRESS = "address"
MX = "mx"
SPF = "spf"
DKIM = "dkim"
DMARC = "dmarc"
AUTOCONFIG = "autoconfig"
SRV = "srv"
PROVIDER = "provider"

# Many, and seldom looked at: the list of records folds them into one group.
FOLDED = (AUTOCONFIG, SRV)

LABELS: dict[str, Label] = {
    NS: Label(
        _("name servers"),
        _("Without these nobody finds the domain. They change when the domain moves."),
        locked=True,
    ),
    ADDRESS: Label(
        _("address of the server"), _("Programs and visitors that use this name go wherever it points.")
    ),
    MX: Label(
        _("where mail goes"), _("Mail for this domain goes where the MX records point. Wrong ones lose mail.")
    ),
    SPF: Label(_("SPF"), _("Without it, or with a wrong one, other servers take your mail for forged.")),
    DKIM: Label(
        _("DKIM signature"),
        _("If it does not match the key on the server, the signature of every mail fails."),
    ),
    DMARC: Label(_("DMARC"), _("It tells other servers what to do with forged mail in your name.")),
    AUTOCONFIG: Label(
        _("set-up of mail programs"),
        _("Thunderbird, Outlook and others no longer find their settings by themselves."),
    ),
    SRV: Label(
        _("set-up of mail programs"), _("Mail programs no longer find the server and port by themselves.")
    ),
    PROVIDER: Label(_("the provider’s own"), _("Customers’ domains point at these names.")),
}
