"""Mail providers and the records that they ask for. Pure.

Seen at the providers themselves: Zoho Mail Help “Configure email delivery” and “Sender Policy Framework”
(the include is zohomail.…, by region), Fastmail Help on DKIM (fm1 to fm3), Proton Support “Anti-spoofing for
custom domains”. The others as zones of their customers have them: Google’s one host since 2023 and the five
before, Microsoft’s two forms of host (so what Microsoft shows is asked for), Apple’s, Yandex’s.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dnszone.rdata.base import Str

HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something that only the provider can tell. ``makes``: the type of the record that the answer becomes
    (``TXT``, ``CNAME``), at ``owner``; empty: it is a part of other records. ``start``: what stands in the
    field, with ``{domain}`` and ``{dashes}`` (its dots as dashes) filled in. ``choices``: value → words."""

    name: str
    label: Str
    hint: Str
    makes: str = ""
    owner: str = ""
    start: str = ""
    required: bool = False
    choices: tuple[tuple[str, Str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """``mx``: (priority, host), with ``{domain}`` and the answers filled in, as in ``include`` (for SPF) and
    ``cnames`` (owner, target). ``srvs``: (owner, value), so that mail programs find it. ``marks``: how its
    hosts end; ``also``: other names that its SPF may include. ``renamed``: includes that have another name.
    ``routing``: the Email Routing that goes with it."""

    slug: str
    title: Str
    does: Str
    mx: tuple[tuple[int, str], ...] = ()
    marks: tuple[str, ...] = ()
    include: str = ""
    also: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    cnames: tuple[tuple[str, str], ...] = ()
    srvs: tuple[tuple[str, str], ...] = ()
    asks: tuple[Ask, ...] = ()
    routing: str = "remote"


def recognised(targets: Collection[str], ours: Collection[str] = ()) -> str:
    """The slug of the preset that these MX targets (absolute) are of; HERE when all are among ``ours``;
    empty: none, or several."""
    hosts = {target.lower().removesuffix(".") for target in targets}
    if not hosts:
        return ""
    if hosts <= {host.lower().removesuffix(".") for host in ours}:
        return HERE
    for preset in PRESETS.values():
        if preset.marks and all(host.endswith(preset.marks) for host in hosts):
            return preset.slug
    return ""


def program_hosts() -> set[str]:
    """Where the records for mail programs of all presets lead, without the last dot."""
    aliases = [
        host for preset in PRESETS.values() for owner, host in preset.cnames if "_domainkey" not in owner
    ]
    services = [value.rpartition(" ")[2] for preset in PRESETS.values() for _owner, value in preset.srvs]
    return {host.removesuffix(".") for host in aliases + services}


def _proof(hint: Str) -> Ask:
    return Ask(name="proof", label=_("Verification record"), hint=hint, makes="TXT", owner="@")


def _key(owner: str, hint: Str, name: str = "dkim") -> Ask:
    return Ask(name=name, label=_("DKIM key"), hint=hint, makes="TXT", owner=owner)


def _alias(name: str, label: Str, owner: str, hint: Str, start: str = "") -> Ask:
    return Ask(name=name, label=label, hint=hint, makes="CNAME", owner=owner, start=start)


_GOOGLE = {
    "include": "_spf.google.com",
    "asks": (
        _proof(_("Google shows it while it asks whose the domain is: google-site-verification=…")),
        _key(
            "google._domainkey",
            _(
                "Google shows it under Apps, Google Workspace, Gmail, Authenticate email. It starts with "
                "v=DKIM1."
            ),
        ),
    ),
}
_PROTON_KEY = _("Proton shows three of them. This one ends in .domains.proton.ch")
_MICROSOFT_KEY = _(
    "Microsoft shows it in Defender under Email authentication, DKIM: “Points to address or value”."
)

_ALL = (
    Preset(
        slug="google",
        title=_("Google Workspace"),
        does=_("Gmail with your own domain. One MX record, as Google gives it since 2023."),
        mx=((1, "smtp.google.com"),),
        marks=("smtp.google.com",),
        **_GOOGLE,  # type: ignore[arg-type]  # two fields of one type each
    ),
    Preset(
        slug="google-five",
        title=_("Google Workspace (the older five)"),
        does=_("Gmail with the five MX records of accounts from before 2023. Both ways work."),
        mx=(
            (1, "aspmx.l.google.com"),
            (5, "alt1.aspmx.l.google.com"),
            (5, "alt2.aspmx.l.google.com"),
            (10, "alt3.aspmx.l.google.com"),
            (10, "alt4.aspmx.l.google.com"),
        ),
        marks=("aspmx.l.google.com", ".googlemail.com"),
        **_GOOGLE,  # type: ignore[arg-type]
    ),
    Preset(
        slug="microsoft",
        title=_("Microsoft 365"),
        does=_("Outlook and Exchange Online with your own domain."),
        mx=((0, "{host}"),),
        marks=(".mail.protection.outlook.com", ".mx.microsoft"),
        include="spf.protection.outlook.com",
        cnames=(("autodiscover", "autodiscover.outlook.com"),),
        asks=(
            Ask(
                name="host",
                label=_("Mail server"),
                hint=_(
                    "Compare it with what Microsoft shows under Settings, Domains, DNS records. Newer "
                    "domains have a name that ends in mx.microsoft: then paste that."
                ),
                start="{dashes}.mail.protection.outlook.com",
                required=True,
            ),
            _proof(_("Microsoft shows it while it asks whose the domain is: MS=ms…")),
            _alias("dkim1", _("DKIM address of selector1"), "selector1._domainkey", _MICROSOFT_KEY),
            _alias("dkim2", _("DKIM address of selector2"), "selector2._domainkey", _MICROSOFT_KEY),
        ),
    ),
    Preset(
        slug="zoho",
        title=_("Zoho Mail"),
        does=_("Zoho Mail and Zoho Workplace, in the region of your account."),
        mx=((10, "mx.{region}"), (20, "mx2.{region}"), (50, "mx3.{region}")),
        marks=(
            ".zoho.com",
            ".zoho.eu",
            ".zoho.in",
            ".zoho.com.au",
            ".zoho.jp",
            ".zohocloud.ca",
            ".zoho.sa",
            ".zoho.com.cn",
        ),
        include="{region}",
        renamed=tuple((f"zoho.{end}", f"zohomail.{end}") for end in ("com", "eu", "in", "com.au", "jp")),
        also=("one.zoho.com",),
        asks=(
            Ask(
                name="region",
                label=_("Region"),
                hint=_("What the address of your Zoho Mail ends in when you are signed in there."),
                start="zoho.com",
                required=True,
                choices=(
                    ("zoho.com", _("zoho.com (United States)")),
                    ("zoho.eu", _("zoho.eu (Europe)")),
                    ("zoho.in", _("zoho.in (India)")),
                    ("zoho.com.au", _("zoho.com.au (Australia)")),
                    ("zoho.jp", _("zoho.jp (Japan)")),
                    ("zohocloud.ca", _("zohocloud.ca (Canada)")),
                    ("zoho.sa", _("zoho.sa (Saudi Arabia)")),
                    ("zoho.com.cn", _("zoho.com.cn (China)")),
                ),
            ),
            _proof(_("Zoho shows it while it asks whose the domain is: zoho-verification=…")),
            Ask(
                name="selector",
                label=_("DKIM selector"),
                hint=_("The name that Zoho shows with the key, before ._domainkey."),
                start="zmail",
            ),
            _key(
                "{selector}._domainkey",
                _("Zoho shows it under Email configuration, DKIM. It starts with v=DKIM1."),
            ),
        ),
    ),
    Preset(
        slug="fastmail",
        title=_("Fastmail"),
        does=_("Fastmail with your own domain. Nothing has to be typed."),
        mx=((10, "in1-smtp.messagingengine.com"), (20, "in2-smtp.messagingengine.com")),
        marks=(".messagingengine.com",),
        include="spf.messagingengine.com",
        cnames=tuple((f"fm{n}._domainkey", f"fm{n}.{{domain}}.dkim.fmhosted.com") for n in (1, 2, 3)),
        srvs=(
            ("_autodiscover._tcp", "0 1 443 autodiscover.fastmail.com."),
            ("_imaps._tcp", "0 1 993 imap.fastmail.com."),
            ("_submissions._tcp", "0 1 465 smtp.fastmail.com."),
        ),
    ),
    Preset(
        slug="proton",
        title=_("Proton Mail"),
        does=_("Proton Mail with your own domain."),
        mx=((10, "mail.protonmail.ch"), (20, "mailsec.protonmail.ch")),
        marks=(".protonmail.ch",),
        include="_spf.protonmail.ch",
        asks=(
            _proof(_("Proton shows it on the page Verify: protonmail-verification=…")),
            _alias("dkim1", _("DKIM address of protonmail"), "protonmail._domainkey", _PROTON_KEY),
            _alias("dkim2", _("DKIM address of protonmail2"), "protonmail2._domainkey", _PROTON_KEY),
            _alias("dkim3", _("DKIM address of protonmail3"), "protonmail3._domainkey", _PROTON_KEY),
        ),
    ),
    Preset(
        slug="icloud",
        title=_("iCloud+"),
        does=_("iCloud Mail with your own domain (Custom Email Domain)."),
        mx=((10, "mx01.mail.icloud.com"), (10, "mx02.mail.icloud.com")),
        marks=(".mail.icloud.com",),
        include="icloud.com",
        asks=(
            _proof(_("Apple shows it with the other records: apple-domain=…")),
            _alias(
                "dkim",
                _("DKIM address of sig1"),
                "sig1._domainkey",
                _("Compare it with what Apple shows with the other records."),
                "sig1.dkim.{domain}.at.icloudmailadmin.com",
            ),
        ),
    ),
    Preset(
        slug="yandex",
        title=_("Yandex 360"),
        does=_("Yandex Mail with your own domain."),
        mx=((10, "mx.yandex.net"),),
        marks=("mx.yandex.net", "mx.yandex.ru"),
        include="_spf.yandex.net",
        asks=(
            _proof(_("Yandex shows it while it asks whose the domain is: yandex-verification: …")),
            _key(
                "mail._domainkey",
                _("Yandex shows it under Mail, DKIM signatures. It starts with v=DKIM1."),
            ),
        ),
    ),
    Preset(
        slug=HERE,
        title=_("Mail here"),
        does=_("Mail comes to the mailboxes of this panel."),
        routing="local",
    ),
)
PRESETS: dict[str, Preset] = {preset.slug: preset for preset in _ALL}
