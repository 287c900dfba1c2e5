"""“Send a test mail now”: through the website's own sign-in, from the panel, with a one-time password.

The node is given a password that holds for some minutes and may be used from anywhere; it is in this request
and in its hash, and taken back when the mail is handed in. So all else is as the website meets it:
encryption, sign-in, what it may send as, its limits."""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right
from mailboxes.access.secrets import password_made
from mailboxes.models import WebsiteSender
from mailboxes.services.rights import domain_allowed
from nodeagent import contract
from provision.models import Node
from provision.selectors import statuses
from provision.services import Wanted, push_enqueue

SECONDS = 10.0
LIVE_WITHIN = 5.0
HOLDS = 300  # seconds


@dataclass(frozen=True, slots=True)
class Step:
    """``ok`` False: here it ended, and ``said`` is what to know about it."""

    words: str
    ok: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``queue_id``: how the node calls the mail it took."""

    steps: list[Step]
    queue_id: str = ""

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)


def test_mail(*, actor: Any, website: WebsiteSender, to: str) -> Outcome:
    """Not in a transaction: waits for the node, then speaks SMTP to it. Raises Denied."""
    mail_domain = website.mail_domain
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, [website.login])
    # Its id is the website's own with a word behind: however many tests, one row.
    made = password_made(f"{website.key}test")
    state = contract.Login(
        id=made.key,
        login=website.login,
        password_hash=made.password_hash,
        imap=False,
        pop3=False,
        sieve=False,
        site=True,
        expires=int(time.time()) + HOLDS,
    )
    _tell(actor, website, state, absent=False)
    try:
        if not _live(state.key):
            words = _("The mail server was told of the one-time password")
            return Outcome([Step(words, ok=False, said=_("It does not answer. Try again in a minute."))])
        return _sent(website, mail_domain.node, made.password, to)
    finally:
        _tell(actor, website, state, absent=True)


@transaction.atomic
def _tell(actor: Any, website: WebsiteSender, state: contract.Login, *, absent: bool) -> None:
    wanted = Wanted(
        node=website.mail_domain.node,
        kind=contract.Login.KIND,
        key=state.key,
        state=None if absent else state,
        domain=website.mail_domain.domain,
    )
    push_enqueue(actor=actor, wanted=[wanted])


def _live(key: str) -> bool:
    end = time.monotonic() + LIVE_WITHIN
    while time.monotonic() < end:
        if statuses([key])[key].state == "live":
            return True
        time.sleep(0.02)
    return False


def _sent(website: WebsiteSender, node: Node, password: str, to: str) -> Outcome:
    steps: list[Step] = []
    sender = website.identities.order_by("pk").values_list("address", flat=True).first() or website.login
    where = {"host": node.host, "port": node.ports.get("submissions", 465)}
    doing = _("Connected to %(host)s, port %(port)s, encrypted (SSL/TLS)") % where
    try:
        with _connected(node) as client:
            steps.append(Step(doing, ok=True))
            doing = _("Signed in as %(login)s (with a one-time password)") % {"login": website.login}
            client.login(website.login, password)
            steps.append(Step(doing, ok=True))
            doing = _("Mail from %(sender)s to %(to)s accepted") % {"sender": sender, "to": to}
            reply = _hand_in(client, sender, to)
            steps.append(Step(doing, ok=True))
            return Outcome(steps, queue_id=reply)
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {_text(error.smtp_error)}"
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        said = f"{code} {_text(answer)}"
    except (OSError, smtplib.SMTPException) as error:
        said = str(error)[:300] or type(error).__name__
    return Outcome([*steps, Step(doing, ok=False, said=said)])


def _connected(node: Node) -> smtplib.SMTP_SSL:
    """Only to addresses of our own nodes, and the certificate must be the node's. Raises OSError."""
    context = ssl.create_default_context(cafile=settings.NODES_CA_FILE or None)
    port = int(node.ports.get("submissions", 465))
    return _AsHost(node.host, [*node.addresses] or [node.host], port, context)


class _AsHost(smtplib.SMTP_SSL):
    """Connects to one of ``addresses`` and wants the certificate of ``host``."""

    def __init__(self, host: str, addresses: list[str], port: int, context: ssl.SSLContext) -> None:
        self._named = host
        super().__init__(addresses[0], port, timeout=SECONDS, context=context, local_hostname="panel.invalid")

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = smtplib.SMTP._get_socket(self, host, port, timeout)  # type: ignore[attr-defined]  # as SMTP_SSL does
        return self.context.wrap_socket(plain, server_hostname=self._named)


def _hand_in(client: smtplib.SMTP, sender: str, to: str) -> str:
    """The queue id in the server's answer (``250 2.0.0 Ok: queued as ID``)."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = _("Test mail of your website’s sign-in")
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2])
    mail.set_content(_("This mail was sent from the panel to try the sign-in of your website. It works."))
    client.ehlo_or_helo_if_needed()
    code, answer = client.mail(sender)
    if code == 250:
        code, answer = client.rcpt(to)
    if code in {250, 251}:
        code, answer = client.data(mail.as_bytes())
    if code != 250:
        raise smtplib.SMTPResponseException(code, answer)
    return _text(answer).rpartition(" queued as ")[2].strip()[:40]


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
