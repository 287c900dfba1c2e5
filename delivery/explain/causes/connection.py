"""No connection, or one that broke: Postfix's own words (smtp(8)), and its words about TLS. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

TELL = _("If it goes on for a day: tell the recipient another way.")
CAUSES = (
    Cause(
        "connection-refused",
        Words(
            _("Their server takes no connection."),
            _("The receiving server is switched off, or a firewall is before it."),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("]: connection refused", "#: connection refused", "connection refused"),
    ),
    Cause(
        "connection-timed-out",
        Words(
            _("Their server does not answer."),
            _(
                "No connection to the receiving server came about in time. It is off, or does not "
                "let this server through."
            ),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("connection timed out", "operation timed out"),
    ),
    Cause(
        "no-route",
        Words(
            _("There is no way to their server."),
            _("The network between here and the receiving server is broken at the moment."),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("no route to host", "network is unreachable", "host is unreachable", "host is down"),
    ),
    Cause(
        "connection-reset",
        Words(
            _("Their server hung up."),
            _("The receiving server, or a firewall before it, cut the connection."),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("connection reset by peer", "connection was reset", "broken pipe"),
    ),
    Cause(
        "lost-in-greeting",
        Words(
            _("Their server hung up at the greeting."),
            _(
                "It closed the connection before a word was said, as servers do that are overloaded "
                "or turn away addresses they mistrust."
            ),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("while receiving the initial server greeting",),
    ),
    Cause(
        "lost-at-end-of-data",
        Words(
            _("Their server hung up at the end of the mail."),
            _(
                "It took the whole mail and broke off before it said whether it keeps it. A virus "
                "scanner or firewall there may be in the way. The mail is sent again, so the "
                "recipient may get it twice."
            ),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("while sending end of data", "while sending message body"),
    ),
    Cause(
        "talk-timed-out",
        Words(
            _("Their server fell silent."),
            _("The receiving server answered, and then said nothing for minutes."),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("timed out while", "timeout exceeded", "timeout waiting"),
    ),
    Cause(
        "connection-lost",
        Words(
            _("The connection broke."),
            _("The receiving server, or a firewall before it, ended the connection in the middle."),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("lost connection with",),
    ),
    Cause(
        "sts-policy",
        Words(
            _("Their server does not keep their own rule for encryption."),
            _(
                "The domain demands encryption by a published rule (MTA-STS), and its server does "
                "not fulfil it. Nothing is sent unprotected."
            ),
            _("Tell the recipient: their mail administrator has to mend it."),
            "theirs",
        ),
        at="postfix",
        says=("mta-sts", "sts policy"),
    ),
    Cause(
        "dane-failed",
        Words(
            _("Their server’s certificate is not the one in DNS."),
            _(
                "The domain says in DNS (DANE) which certificate its server has, and it showed "
                "another. That can be an attack or an oversight, so nothing is sent."
            ),
            _("Tell the recipient: their mail administrator has to mend it."),
            "theirs",
        ),
        at="postfix",
        says=("tlsa lookup", "tlsa record", " dane ", "dane:"),
    ),
    Cause(
        "certificate-not-trusted",
        Words(
            _("Their server’s certificate does not hold."),
            _("It has run out, has the wrong name, or comes from nobody that is trusted."),
            _("Tell the recipient: their mail administrator has to mend it."),
            "theirs",
        ),
        at="postfix",
        says=(
            "certificate not trusted",
            "certificate not verified",
            "certificate verification failed",
            "certificate has expired",
        ),
    ),
    Cause(
        "tls-handshake",
        Words(
            _("No encrypted connection came about."),
            _("Both servers could not agree on how to encrypt, or their server’s encryption is broken."),
            TELL,
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=("handshake failure", "cannot start tls", "ssl_connect error"),
    ),
    Cause(
        "tls-not-offered",
        Words(
            _("Their server does not encrypt."),
            _("This mail may only travel encrypted, and the receiving server does not offer that."),
            _("Tell the recipient: their mail administrator has to mend it."),
            "theirs",
        ),
        at="postfix",
        says=("tls is required, but was not offered", "refused to start tls", "starttls is required to send"),
    ),
    Cause(
        "tls-demanded",
        Words(
            _("Their server wants encryption."),
            _("It takes mail over encrypted connections alone, and this one was not encrypted."),
            _("Tell support."),
            "ours",
        ),
        says=(
            "must issue a starttls command first",
            "encryption required",
            "encryption needed",
            "tls required",
            "requires tls",
        ),
    ),
)
