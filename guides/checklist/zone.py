"""What a domain's zone says for its mail: SPF, DKIM, DMARC, DNSSEC. Of a zone that is kept here; what other
name servers say is theirs, and does not count."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Domain
from dnszone import names, rdata, spf
from dnszone.dnssec import deciding, saying, status
from dnszone.models import Record, SigningWatch, Zone
from guides.checklist.points import Point
from mailboxes.models import DkimKey, MailDomain

LONG = 200  # characters of a record that are shown


def of_zone(domain: Domain, mail: MailDomain) -> list[Point]:
    """Up to six queries."""
    zone: Zone | None = getattr(domain, "zone", None)
    editor = reverse("zone", args=[domain.name])
    texts = _texts(zone) if zone else []
    sender = [text for owner, text in texts if owner == names.APEX and spf.is_spf(text)]
    policy = next((text for owner, text in texts if owner == "_dmarc" and _is_dmarc(text)), "")
    return [
        _spf(sender, here=zone is not None, editor=editor),
        _dkim(mail, editor=editor),
        _dmarc(policy, here=zone is not None, editor=editor),
        _dmarc_strict(policy, editor=editor),
        _dnssec(zone, domain),
    ]


def _texts(zone: Zone) -> list[tuple[str, str]]:
    rows = Record.objects.filter(Q(owner=names.APEX) | Q(owner="_dmarc"), zone=zone, type="TXT")
    return [(row.owner, rdata.text(row.rdata)) for row in rows.order_by("owner", "rdata")[:100]]


def _is_dmarc(text: str) -> bool:
    return text.lower().replace(" ", "").startswith("v=dmarc1")


def tag(text: str, name: str) -> str:
    """The value of a DMARC tag, lower case (RFC 7489 §6.4); empty without it."""
    for part in text.split(";"):
        key, _equals, value = part.partition("=")
        if key.strip().lower() == name:
            return value.strip().lower()
    return ""


def _spf(found: Sequence[str], *, here: bool, editor: str) -> Point:
    one = len(found) == 1
    ends = one and found[0].lower().rstrip().endswith(("-all", "~all"))
    brief = one and spf.lookups(found[0]) <= 10
    if not found:
        said = _("There is no SPF record.")
    elif not one:
        said = _("There are several SPF records, so receivers take none.")
    elif not ends:
        said = _("It does not say what to do with other servers (no -all or ~all at its end): %(text)s")
    elif not brief:
        said = _("It asks for more than ten look-ups, so receivers stop reading it: %(text)s")
    else:
        said = _("Published: %(text)s")
    return Point(
        key="spf",
        title=_("SPF says who may send"),
        met=ends and brief if here else None,
        found=said % {"text": found[0][:LONG]} if "%(text)s" in said else said,
        why=_("Receivers check by it whether the server that sends may do so in your name (RFC 7208)."),
        weight=10,
        action=_("Edit the record"),
        url=editor,
        learn="spf-dkim-dmarc",
    )


def _dkim(mail: MailDomain, *, editor: str) -> Point:
    key = DkimKey.objects.filter(mail_domain=mail).order_by("-created_at").first()
    seen = key is not None and key.seen_at is not None
    if key is None or not key.public_key:
        said = _("The mail server is making the key.")
    elif not seen:
        said = _("The key is not in the DNS yet, so mail leaves without a signature.")
    else:
        said = _("Mail is signed with %(selector)s.") % {"selector": key.selector}
    return Point(
        key="dkim",
        title=_("DKIM signs every mail"),
        met=seen,
        found=said,
        why=_(
            "The signature proves that the mail is yours and that nobody changed it on the way (RFC 6376)."
        ),
        weight=10,
        action=_("See the record"),
        url=editor,
        learn="spf-dkim-dmarc",
    )


def _dmarc(policy: str, *, here: bool, editor: str) -> Point:
    return Point(
        key="dmarc",
        title=_("DMARC is published"),
        met=bool(policy) if here else None,
        found=_("Published: %(text)s") % {"text": policy[:LONG]}
        if policy
        else _("There is no DMARC record."),
        why=_("Large receivers want it, and with it you learn who sends in your name (RFC 7489)."),
        weight=5,
        action=_("Add the record"),
        url=editor,
        learn="spf-dkim-dmarc",
    )


def _dmarc_strict(policy: str, *, editor: str) -> Point:
    strict = tag(policy, "p") in {"quarantine", "reject"} and tag(policy, "pct") in {"", "100"}
    return Point(
        key="dmarc-policy",
        title=_("DMARC asks to refuse forged mail"),
        met=strict if policy else None,
        found=_("It asks for p=%(policy)s.") % {"policy": tag(policy, "p")[:20] or "none"},
        why=_(
            "With p=none receivers let forged mail through. Once your own mail passes, "
            "choose quarantine, later reject."
        ),
        weight=5,
        action=_("Change the policy"),
        url=editor,
        learn="spf-dkim-dmarc",
    )


def _dnssec(zone: Zone | None, domain: Domain) -> Point:
    met: bool | None = None
    said = _("The name servers are elsewhere.")
    if zone is not None:
        watch = SigningWatch.objects.filter(zone=zone).first()
        stage = deciding.stage(status.of(zone, watch), timezone.now())
        met, said = stage is deciding.Stage.SECURE, f"{saying.STAGES[stage].title}."
    return Point(
        key="dnssec",
        title=_("DNSSEC protects the records"),
        met=met,
        found=said,
        why=_("Without signatures a forged answer can lead your mail to somebody else’s server."),
        weight=5,
        action=_("Switch DNSSEC on"),
        url=reverse("zone-dnssec", args=[domain.name]),
        learn="dns-and-mail",
    )
