"""Inviting a node, and taking what it says of itself."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from lib.errors import Refused
from nodeagent import contract
from provision import kinds
from provision.broker import BrokerAway
from provision.joining import users
from provision.models import Node
from provision.services import ROLES, refuse_name

logger = logging.getLogger(__name__)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = ("public_key", "sealing_key")
_HASHES = ("ingest_token_hash", "broker_hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What the provider says of a node. ``token_hash``: SHA-256, hex, of the token that it joins with."""

    name: str
    roles: Collection[str]
    host: str
    addresses: Collection[str]
    ports: dict[str, int]
    pool: str = ""
    token_hash: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """``token``: shown once; empty when the invitation had a digest of its own."""

    node: Node
    created: bool
    token: str


@transaction.atomic
def node_invite(invitation: Invitation) -> Invited:
    """Add the node, or make the one of this name so; the keys of one that joined stay. An invitation made
    anew ends the one before. Raises Refused with the field that is wrong."""
    if not invitation.roles or set(invitation.roles) - ROLES:
        raise Refused(_("Give mail, dns or both, or secondary."), "roles")
    refuse_name(invitation.name)
    if not _NAME.fullmatch(invitation.name):
        raise Refused(_("Use lower case letters, digits and hyphens, 32 at most."), "name")
    if invitation.token_hash and not _SHA256.fullmatch(invitation.token_hash):
        raise Refused(_("A SHA-256 in hexadecimal has 64 digits and letters."), "token_hash")
    ports = invitation.ports
    if not isinstance(ports, dict) or not all(
        type(port) is int and 0 < port < 65536 for port in ports.values()
    ):
        raise Refused(_("Give a JSON object of service names and port numbers."), "ports")
    token = "" if invitation.token_hash else secrets.token_hex(32)
    node = Node.objects.select_for_update().filter(name=invitation.name).first()
    created = node is None
    node = node or Node(name=invitation.name)
    before = (node.roles, node.host, node.addresses, node.ports, node.pool)
    node.roles, node.host = sorted(invitation.roles), invitation.host
    node.addresses, node.ports = list(invitation.addresses), dict(ports)
    # The provider may have put it into another pool since.
    node.pool = invitation.pool or node.pool
    node.join_hash = invitation.token_hash or hashlib.sha256(token.encode()).hexdigest()
    try:
        node.full_clean()
    except ValidationError as error:
        field, wrong = next(iter(error.message_dict.items()))
        raise Refused(wrong[0], field) from error
    node.save()
    if created or before != (node.roles, node.host, node.addresses, node.ports, node.pool):
        for callback in kinds.node_callbacks():
            callback(node)
    return Invited(node, created, token)


def invited(token: str) -> Node | None:
    """The node that may join with ``token``; never a secondary, which has no agent. Every digest is
    compared, each in constant time."""
    given = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
    fits = [
        node
        for node in Node.objects.exclude(join_hash="").exclude(roles__contains=[contract.ROLE_SECONDARY])
        if hmac.compare_digest(node.join_hash.encode(), given.encode())
    ]
    return fits[0] if fits and token else None


def node_join(*, node: Node, said: dict[str, Any]) -> Node:
    """Take the keys of a node that showed its invitation; the same ones again change nothing. Raises
    Refused."""
    given = {name: _key(said, name) for name in _KEYS} | {name: _hash(said, name) for name in _HASHES}
    with transaction.atomic():
        row = Node.objects.select_for_update().get(pk=node.pk)
        known = {name: getattr(row, name) for name in given}
        if known != given:
            for name, value in given.items():
                setattr(row, name, value)
            row.trouble = ""
            row.save(update_fields=[*given, "trouble"])
            # A key that is not the one before: the machine was emptied, or is another one.
            logger.warning("%s joined%s", row, " with new keys" if known["public_key"] else "")
            for callback in kinds.joined_callbacks():
                callback(row, bool(known["public_key"]) and known["public_key"] != given["public_key"])
    with contextlib.suppress(BrokerAway):  # said in the log; Beat lets it in
        users.let_in([row])
    return row


def _key(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    try:
        if isinstance(value, str) and len(base64.b64decode(value, validate=True)) == 32:
            return value
    except (binascii.Error, ValueError):
        pass
    raise Refused(_("A key is 32 bytes in base64."), name)


def _hash(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if isinstance(value, str) and _SHA256.fullmatch(value):
        return value
    raise Refused(_("A SHA-256 in hexadecimal has 64 digits and letters."), name)
