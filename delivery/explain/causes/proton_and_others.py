"""Other providers, and the servers that hosters use. Texts as seen in logs and on the providers' pages for
postmasters. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

DELIST = _("The provider of this server has to write to them with the link below.")
REWRITE = _("Change the text and its links.")
CAUSES = (
    Cause(
        "proton-no-user",
        Words(
            _("There is no such address at Proton."),
            _("Proton Mail does not know this address, or it was switched off."),
            _("Check the address for a typing mistake."),
            "recipient",
            "fix-address",
        ),
        says=("address does not exist", "recipient address rejected"),
        at="proton",
        link=links.PROTON,
    ),
    Cause(
        "proton-other",
        Words(
            _("Proton refuses it by its rules."),
            _("Proton Mail mistrusts this server or something in this mail."),
            _("Check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        codes=("7.0", "7.1"),
        at="proton",
        link=links.PROTON,
    ),
    Cause(
        "telekom-unknown-server",
        Words(
            _("T-Online does not know this server."),
            _(
                "T-Online takes mail only from servers that it knows. New ones have to introduce "
                "themselves once."
            ),
            _("The provider of this server has to write to tosa@rx.t-online.de."),
            "ours",
            "ask-delisting",
        ),
        says=("a problem occurred. (ask your postmaster",),
        link=links.TELEKOM,
    ),
    Cause(
        "telekom-name",
        Words(
            _("T-Online: this server has no proper name."),
            _("The name of this server’s address in DNS (reverse DNS) is missing or does not fit."),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=("reverse dns",),
        at="telekom",
        link=links.TELEKOM,
    ),
    Cause(
        "telekom-spam",
        Words(
            _("T-Online took it for spam or a virus."),
            _(
                "T-Online’s filter did not like the text, a link or an attachment. Shortened links "
                "are never taken there."
            ),
            _("Write links out in full, and send it again."),
            "theirs",
        ),
        says=("considered as spam or virus", "due to spam or virus classification"),
        link=links.TELEKOM,
    ),
    Cause(
        "orange-spam",
        Words(
            _("Orange refuses this mail."),
            _("Orange’s filter took this mail or this server for a source of spam (OFR_506)."),
            REWRITE,
            "theirs",
        ),
        says=("ofr_506", "mail rejete"),
        link=links.ORANGE,
    ),
    Cause(
        "orange-rate",
        Words(
            _("Orange slows us down."),
            _("Too many connections or mails came to Orange from here at once."),
            _("Send newsletters in small portions."),
            "ours",
        ),
        says=("ofr004_104", "too many connections, slow down"),
        link=links.ORANGE,
    ),
    Cause(
        "orange-blocked",
        Words(
            _("Orange has blocked this server."),
            _("Orange takes no mail from this server’s address for the moment."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("ofr_", "ofr0", "ofr1"),
        at="orange",
        link=links.ORANGE,
    ),
    Cause(
        "free-spam",
        Words(
            _("Free took it for spam."), _("The filter of free.fr did not like this mail."), REWRITE, "theirs"
        ),
        says=("spam detected",),
        at="free",
        link=links.FREE,
    ),
    Cause(
        "free-rate",
        Words(
            _("Free slows us down."),
            _("Free saw too much spam or too many connections from this server."),
            _("Send newsletters in small portions."),
            "ours",
        ),
        says=("too many spams", "too many mails", "too many errors"),
        at="free",
        link=links.FREE,
    ),
    Cause(
        "laposte-refused",
        Words(
            _("La Poste refuses this mail."),
            _("The filter of laposte.net took this mail or this server for a source of spam."),
            REWRITE,
            "theirs",
        ),
        says=("lpn0", "service refuse. veuillez"),
        link=links.LAPOSTE,
    ),
    Cause(
        "comcast-rate",
        Words(
            _("Comcast slows us down."),
            _("Comcast takes only so much mail an hour from a server that it does not know well."),
            _("Send newsletters in small portions."),
            "ours",
        ),
        says=("#rl#", "error-codes.php#rl"),
        link=links.COMCAST,
    ),
    Cause(
        "comcast-blocked",
        Words(
            _("Comcast has blocked this server."),
            _("Comcast takes no mail from this server’s address because of spam."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("#bl#", "error-codes.php#bl"),
        link=links.COMCAST,
    ),
    Cause(
        "comcast-name",
        Words(
            _("Comcast: this server has no proper name."),
            _("The name of this server’s address in DNS (reverse DNS) is missing."),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=("#pt#", "error-codes.php#pt"),
        link=links.COMCAST,
    ),
    Cause(
        "att-blocked",
        Words(
            _("AT&T has blocked this server."),
            _("AT&T takes no mail from this server’s address because of spam."),
            _("The provider of this server has to write to abuse_rbl@abuse-att.net."),
            "ours",
            "ask-delisting",
        ),
        says=("dnsbl:rbl", "dnsbl:attrbl", "_is_blocked"),
        link="",
    ),
    Cause(
        "mailru-spam",
        Words(
            _("Mail.ru took it for spam."),
            _("The filter of Mail.ru did not like this mail."),
            REWRITE,
            "theirs",
        ),
        says=("notspam-support",),
        link=links.MAILRU,
    ),
    Cause(
        "mailru-home-address",
        Words(
            _("Mail.ru takes no mail from this address."),
            _(
                "Mail.ru believes that this server’s address belongs to a home connection, by its "
                "name in DNS."
            ),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=("hosts with dynamic ip",),
        link=links.MAILRU,
    ),
    Cause(
        "mailru-no-user",
        Words(
            _("There is no such address at Mail.ru."),
            _("Mail.ru does not know this address."),
            _("Check the address for a typing mistake."),
            "recipient",
            "fix-address",
        ),
        says=("not accepted -- invalid mailbox",),
        link=links.MAILRU,
    ),
)
