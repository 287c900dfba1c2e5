"""A few real mails through the real servers, so that no page of the demo is empty."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from django.conf import settings

from panel.demo import DOMAIN
from provision.models import Node

TIMEOUT = 20
INES, PEDIDOS = f"ines@{DOMAIN}", f"pedidos@{DOMAIN}"
OUTSIDE = "noticias@correo.test"


def letter(sender: str, recipient: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"], mail["Message-ID"] = (
        formatdate(localtime=True),
        make_msgid(domain=sender.rpartition("@")[2]),
    )
    mail.set_content(text)
    return mail


def send_all(node: Node, passwords: Mapping[str, str]) -> int:
    """Send the demo's mails by the node of its domain; the number of those that it took. Raises smtplib's and
    OS errors."""
    tls = ssl.create_default_context(cafile=settings.NODES_CA_FILE or None)
    with _Submissions(node, tls) as smtp:
        smtp.login(INES, passwords[INES])
        smtp.send_message(
            letter(INES, PEDIDOS, "Pedido del lunes", "Seis hogazas y dos docenas de magdalenas.\n")
        )
        smtp.send_message(letter(INES, PEDIDOS, "Harina: falta un saco", "¿Lo pides tú?\n"))
        with contextlib.suppress(
            smtplib.SMTPRecipientsRefused
        ):  # wanted: Track Delivery shows what was turned back
            smtp.send_message(letter(INES, f"pedido@{DOMAIN}", "Pedido del martes", "Una letra de menos.\n"))
    with _Submissions(node, tls) as smtp:
        smtp.login(PEDIDOS, passwords[PEDIDOS])
        smtp.send_message(letter(PEDIDOS, INES, "Re: Harina: falta un saco", "Pedido. Llega mañana.\n"))
    with smtplib.SMTP(node.addresses[0], node.ports["smtp"], timeout=TIMEOUT) as smtp:
        smtp.send_message(letter(OUTSIDE, INES, "Noticias del gremio", "La feria es el día 12.\n"))
    return 4


class _Submissions(smtplib.SMTP_SSL):
    """At the node's address, with the certificate of its name."""

    def __init__(self, node: Node, tls: ssl.SSLContext) -> None:
        self._named = node.host
        super().__init__(node.addresses[0], node.ports["submissions"], timeout=TIMEOUT, context=tls)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = smtplib.SMTP._get_socket(self, host, port, timeout)  # type: ignore[attr-defined]  # as SMTP_SSL does
        return self.context.wrap_socket(plain, server_hostname=self._named)
