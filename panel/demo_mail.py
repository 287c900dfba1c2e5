"""A few real mails through the real servers, so that no page of the demo is empty."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from panel.demo import DOMAIN

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


def send_all(endpoints: Mapping[str, Any], passwords: Mapping[str, str]) -> int:
    """Send the demo's mails; the number of those that a server took. Raises smtplib's and OS errors."""
    tls = ssl.create_default_context(cafile=endpoints["ca_file"])
    with _submissions(endpoints, tls) as smtp:
        smtp.login(INES, passwords[INES])
        smtp.send_message(
            letter(INES, PEDIDOS, "Pedido del lunes", "Seis hogazas y dos docenas de magdalenas.\n")
        )
        smtp.send_message(letter(INES, PEDIDOS, "Harina: falta un saco", "¿Lo pides tú?\n"))
        with contextlib.suppress(
            smtplib.SMTPRecipientsRefused
        ):  # wanted: Track Delivery shows what was turned back
            smtp.send_message(letter(INES, f"pedido@{DOMAIN}", "Pedido del martes", "Una letra de menos.\n"))
    with _submission(endpoints, tls) as smtp:
        smtp.login(PEDIDOS, passwords[PEDIDOS])
        smtp.send_message(letter(PEDIDOS, INES, "Re: Harina: falta un saco", "Pedido. Llega mañana.\n"))
    with smtplib.SMTP(**_at(endpoints, "smtp"), timeout=TIMEOUT) as smtp:
        smtp.send_message(letter(OUTSIDE, INES, "Noticias del gremio", "La feria es el día 12.\n"))
    return 4


def _at(endpoints: Mapping[str, Any], service: str) -> dict[str, Any]:
    return {"host": endpoints[service]["host"], "port": endpoints[service]["port"]}


def _submissions(endpoints: Mapping[str, Any], tls: ssl.SSLContext) -> smtplib.SMTP_SSL:
    return smtplib.SMTP_SSL(**_at(endpoints, "submissions"), timeout=TIMEOUT, context=tls)


def _submission(endpoints: Mapping[str, Any], tls: ssl.SSLContext) -> smtplib.SMTP:
    smtp = smtplib.SMTP(**_at(endpoints, "submission"), timeout=TIMEOUT)
    smtp.starttls(context=tls)
    return smtp
