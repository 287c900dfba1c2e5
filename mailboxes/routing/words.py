"""Email Routing in the words of its page. Pure: names from strangers go out as plain text."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone import names
from dnszone.routing import AUTOMATIC, BACKUP, LOCAL, OFF, REMOTE
from mailboxes.models import MailDomain, Routing
from mailboxes.routing.deciding import Answer, Finding, Host, Whose


@dataclass(frozen=True, slots=True)
class Mark:
    css: str
    icon: str
    word: str


def mark(mode: str) -> Mark:
    css, icon = {
        LOCAL: ("ok", "check"),
        BACKUP: ("move", "clock"),
        REMOTE: ("off", "right"),
        OFF: ("off", "noentry"),
    }[mode]
    return Mark(css, icon, str(Routing(mode).label))


def does(mode: str) -> str:
    """What happens to mail, in one sentence."""
    return {
        AUTOMATIC: _(
            "We look at the MX records that the world sees, and choose between the four below. They are "
            "looked at again every hour, and as soon as you change them here."
        ),
        LOCAL: _("Mail is delivered into the mailboxes here."),
        BACKUP: _(
            "Mail is taken and kept in the queue, and goes on to the first mail server of the MX records as "
            "soon as that answers. Nothing is put into the mailboxes here."
        ),
        REMOTE: _(
            "The mailboxes are elsewhere. Mail from outside is not taken here, and what your own people send "
            "to the domain goes out to its mail servers instead of staying here."
        ),
        OFF: _(
            "The domain takes no mail. Senders are told so at once, by the null MX record and by this server."
        ),
    }[mode]


def why(finding: Finding | None) -> str:
    """What a look found, and so why it decided as it did."""
    if finding is None:
        return _("nobody has looked yet, and until then mail for a new domain is taken here")
    hosts = finding.hosts
    text = {
        Answer.NULL: _("the MX record says that the domain takes no mail (null MX)"),
        Answer.NONE: _("there is no MX record, and no address for the domain either"),
        Answer.UNDELEGATED: _("the domain is not delegated to any name server yet, so nobody can look it up"),
        Answer.AWAY: _("no name server gave an answer"),
    }.get(finding.answer)
    if text:
        return text
    if finding.answer == Answer.ADDRESS:
        return _own_address(hosts[0])
    return _mx(finding.mode, hosts)


def _own_address(host: Host) -> str:
    if host.whose == Whose.OURS:
        return _("there is no MX record, and the domain’s own address is this server")
    if host.whose == Whose.SISTER:
        return _(
            "there is no MX record, and the domain’s own address is another server of ours, which refuses "
            "its mail"
        )
    return _("there is no MX record, and the domain’s own address is another server")


def _mx(mode: str, hosts: tuple[Host, ...]) -> str:
    first = names.shown(hosts[0].name)
    ours = next((names.shown(host.name) for host in hosts if host.whose == Whose.OURS), "")
    if mode == LOCAL:
        return _("%(host)s is the first MX, and it is this server") % {"host": ours}
    if mode == BACKUP:
        return _("%(first)s comes first in the MX records, and %(host)s, this server, after it") % {
            "first": first,
            "host": ours,
        }
    if mode == REMOTE:
        return _("the MX is %(first)s, and that is not this server") % {"first": first}
    sister = next((names.shown(host.name) for host in hosts if host.whose == Whose.SISTER), "")
    if sister:
        text = _("the MX is %(host)s, a server of ours that has not the mail of this domain and refuses it")
        return text % {"host": sister}
    unknown = next((names.shown(host.name) for host in hosts if host.whose == Whose.UNKNOWN), first)
    return _("the address of the MX %(host)s could not be found out") % {"host": unknown}


def open_question(mail_domain: MailDomain, found: Finding | None) -> str:
    """What keeps a look from having its way; or nothing."""
    if mail_domain.routing != AUTOMATIC or found is None:
        return ""
    if mail_domain.pending:
        return _(
            "The last look says %(mode)s: %(why)s. Mail would no longer come here, so a second look a minute "
            "later has to say so too."
        ) % {"mode": Routing(mail_domain.pending).label, "why": why(found)}
    if not found.mode:
        return _("The last look decided nothing: %(why)s. So it stays %(mode)s.") % {
            "why": why(found),
            "mode": Routing(mail_domain.decided).label,
        }
    return ""


def contradiction(mail_domain: MailDomain, found: Finding | None) -> str:
    """What goes wrong because what a person chose is not what the live MX says; or nothing."""
    if mail_domain.routing == AUTOMATIC or found is None or not found.mode:
        return ""
    mode, live = mail_domain.decided, found.mode
    if mode == live:
        return ""
    result = {
        LOCAL: _("Mail from this server’s own people to the domain stays here, and does not arrive there."),
        BACKUP: _("Mail that comes here only waits in the queue, for a server that may never ask for it."),
        REMOTE: _("Mail from outside comes to this server and is refused."),
        OFF: _("Mail that this server could take, or others would, is refused here."),
    }[mode]
    if mode == BACKUP and live == LOCAL:
        result = _("This server waits for itself: mail stays in the queue and reaches no mailbox.")
    if mode == REMOTE and live == OFF:
        result = _("What your own people send there comes back to them.")
    return _("You chose %(mode)s, and the live MX says %(live)s: %(why)s. %(result)s") % {
        "mode": Routing(mode).label,
        "live": Routing(live).label,
        "why": why(found),
        "result": result,
    }


def loss(mode: str, mailboxes: int) -> str:
    """What the mailboxes here lose when ``mode`` holds instead of LOCAL; nothing without mailboxes."""
    if not mailboxes or mode == LOCAL:
        return ""
    return ngettext(
        "%(n)d mailbox gets no new mail. What is in it stays, and its owner can go on reading it and "
        "sending.",
        "%(n)d mailboxes get no new mail. What is in them stays, and their owners can go on reading it and "
        "sending.",
        mailboxes,
    ) % {"n": mailboxes}
