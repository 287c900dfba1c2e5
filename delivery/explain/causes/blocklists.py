"""Lists of servers that send spam, asked by many other servers. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

DELIST = _("Find out why with the link below, mend that, then have the server taken off the list.")
ADMIN = _("Ask the recipient to have their mail administrator allow the sender.")
CAUSES = (
    Cause(
        "spamhaus-their-error",
        Words(
            _("Their server asks its blocklist the wrong way."),
            _(
                "It asked Spamhaus by a way that gets no answers, and mistook the refusal for a "
                "listing. This server is not listed for that."
            ),
            _("Tell the recipient: their mail administrator has to mend it."),
            "theirs",
        ),
        says=(
            "open resolver",
            "query via public/open resolver",
            "excessive number of queries",
            "returnc/pub",
        ),
    ),
    Cause(
        "spamhaus-link",
        Words(
            _("A link or domain in it is on Spamhaus’s list."),
            _("The mail or its sender names a domain that is on the list of domains of spammers (DBL)."),
            _("Remove the link, or have the domain taken off the list."),
            "sender",
            "ask-delisting",
        ),
        says=("dbl.spamhaus", "spamhaus.org/dbl", "spamhaus dbl", "query/domain"),
        link=links.SPAMHAUS,
    ),
    Cause(
        "spamhaus",
        Words(
            _("This server is on Spamhaus’s blocklist."),
            _(
                "Many servers ask Spamhaus which addresses send spam, and the address of this server "
                "is on its list."
            ),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("spamhaus", "sbl-xbl", "cbl.abuseat.org"),
        link=links.SPAMHAUS,
    ),
    Cause(
        "spamcop",
        Words(
            _("This server is on SpamCop’s blocklist."),
            _(
                "People reported spam from this server’s address to SpamCop. A listing ends by "
                "itself a day after the last report."
            ),
            _("Stop what was reported, and wait a day."),
            "ours",
            "ask-delisting",
        ),
        says=("spamcop",),
        link=links.SPAMCOP,
    ),
    Cause(
        "barracuda",
        Words(
            _("This server is on Barracuda’s blocklist."),
            _("Barracuda’s filters saw spam from this server’s address, or from where the mail was written."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("barracudacentral", "barracuda reputation", "barracudanetworks.com/reputation"),
        link=links.BARRACUDA,
    ),
    Cause(
        "cisco-reputation",
        Words(
            _("Cisco’s filter mistrusts this server or domain."),
            _("The recipient’s filter asks Cisco (Talos) about servers and domains, and the answer was bad."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("poor reputation", "senderbase", "talosintelligence", "low sender score"),
        link=links.TALOS,
    ),
    Cause(
        "cloudmark",
        Words(
            _("Cloudmark has blocked this server."),
            _("Many providers use Cloudmark’s list of servers that send spam."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("csi.cloudmark.com", "blacklisted by csi", "cloudmark"),
        link=links.CLOUDMARK,
    ),
    Cause(
        "sorbs-closed",
        Words(
            _("Their server asks a list that is closed."),
            _(
                "It refused this mail because of the blocklist SORBS, which was closed in 2024 and "
                "cannot be right any more."
            ),
            _("Tell the recipient: their mail administrator has to remove the list."),
            "theirs",
        ),
        says=("sorbs",),
    ),
    Cause(
        "uceprotect",
        Words(
            _("This server is on the list UCEPROTECT."),
            _(
                "It lists whole networks for a few neighbours. Listings end by themselves after "
                "seven days without spam; nobody has to pay for that."
            ),
            _("Wait, or ask the recipient to have the list removed; few servers use it."),
            "ours",
        ),
        says=("uceprotect",),
        link=links.UCEPROTECT,
    ),
    Cause(
        "abusix",
        Words(
            _("This server is on Abusix’s blocklist."),
            _("Abusix saw spam or break-in attempts from this server’s address."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("abusix",),
        link=links.ABUSIX,
    ),
    Cause(
        "trendmicro",
        Words(
            _("This server is on Trend Micro’s blocklist."),
            _("Trend Micro saw spam from this server’s address."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("trend micro", "trendmicro", "mail-abuse.com", "mail-abuse.org"),
        link=links.TRENDMICRO,
    ),
    Cause(
        "mailspike",
        Words(
            _("This server is on Mailspike’s blocklist."),
            _("Mailspike saw spam from this server’s address."),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("mailspike",),
        link=links.MAILSPIKE,
    ),
    Cause(
        "link-listed",
        Words(
            _("A link in it is on a blocklist."),
            _("The mail names a web address that was seen in spam."),
            _("Remove the link, and see whether the website was broken into."),
            "sender",
        ),
        says=("uribl", "surbl", "a url in this email", "blacklisted url", "url blacklisted", "ivmuri"),
    ),
    Cause(
        "on-a-blocklist",
        Words(
            _("This server is on a blocklist."),
            _(
                "Their server asks a list of addresses that send spam, and this server is on it. The "
                "answer below names the list."
            ),
            _("Have the server taken off that list."),
            "ours",
            "ask-delisting",
        ),
        says=(
            "is currently blocked by",
            "blocked using",
            "is blacklisted",
            "blacklisted",
            "blocklist",
            "blacklist",
            "block list",
            "black list",
            "dnsbl",
            "rbl ",
            "listed at ",
            "listed in ",
            "listed on ",
            "is listed",
            "on a block list",
        ),
    ),
)
