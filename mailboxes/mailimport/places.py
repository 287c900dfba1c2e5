"""Where mail is imported from: a server in the public internet that is not one of ours."""

from __future__ import annotations

import ipaddress
import socket

from django.conf import settings
from django.utils.translation import gettext as _

from lib.addresses import is_public
from lib.errors import Refused
from provision.models import Node


def place_check(host: str, port: int) -> None:
    """Asks the resolver; not in a transaction. The node checks the address again when it connects. Raises
    Refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        text = _("There is no server called %(host)s. Check the name of the mail server.")
        raise Refused(text % {"host": host}, "host") from error
    for entry in found:
        address = str(entry[4][0])
        if _allowed(address):
            continue
        if not is_public(address):
            raise Refused(
                _(
                    "%(host)s leads to an address inside a network or of this server itself. Mail is "
                    "imported only from servers in the public internet."
                )
                % {"host": host},
                "host",
            )
        if address in ours():
            text = _(
                "%(host)s is one of our own mail servers. To put mail elsewhere here, rename the mailbox, or "
                "export it and restore the file."
            )
            raise Refused(text % {"host": host}, "host")


def ours() -> list[str]:
    """Addresses of our nodes."""
    return [str(address) for node in Node.objects.all() for address in node.addresses]


def _allowed(address: str) -> bool:
    where = ipaddress.ip_address(address.partition("%")[0])
    return any(where in ipaddress.ip_network(text) for text in settings.IMPORT_ALLOW)
