"""What a domain's mailboxes are told, as it is kept, and what makes two of them differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guides.clientconfig import ClientConfig, Protocol

Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One protocol. ``before``, ``after``: ``host, port, encryption``; empty: not offered."""

    protocol: str
    before: str
    after: str


def kept_of(config: ClientConfig, node: str) -> dict[str, Any]:
    """JSON: ``servers`` {protocol: [host, port, encryption]}, ``others`` (a list of such with the protocol
    first), ``node``: the mail node's name, which is no part of the comparison."""
    return {
        "servers": {one.protocol.value: [one.host, one.port, one.encryption.value] for one in config.servers},
        "others": [[one.protocol.value, one.host, one.port, one.encryption.value] for one in config.others],
        "node": node,
    }


def same(one: Kept, other: Kept) -> bool:
    """For mail programs: the server behind the name may be another."""
    return bool(one["servers"] == other["servers"] and one["others"] == other["others"])


def lines(before: Kept, after: Kept) -> list[Line]:
    """Those that differ, in the order of protocols; the ways with STARTTLS where nothing else does."""
    found = []
    for protocol in Protocol:
        was, now = before["servers"].get(protocol.value), after["servers"].get(protocol.value)
        if was != now:
            found.append(Line(protocol=protocol.value, before=_said(was), after=_said(now)))
    if not found:
        found = [
            Line(protocol=f"{name} (STARTTLS)", before=_said(was), after=_said(now))
            for name, was, now in _others(before, after)
        ]
    return found


def why(before: Kept, after: Kept) -> str:
    """A sentence, or empty when the values do not say."""
    if set(before["servers"]) - set(after["servers"]) and _hosts(before) == _hosts(after):
        gone = ", ".join(sorted(set(before["servers"]) - set(after["servers"])))
        return _("%(protocols)s is no longer part of the plan.") % {"protocols": gone}
    if set(after["servers"]) - set(before["servers"]) and _hosts(before) == _hosts(after):
        more = ", ".join(sorted(set(after["servers"]) - set(before["servers"])))
        return _("%(protocols)s is now part of the plan.") % {"protocols": more}
    if before["node"] != after["node"]:
        return _("The mailboxes were moved to another server.")
    if _hosts(before) != _hosts(after):
        return _("The server has another name now.")
    return _("The server answers on other ports now.")


def old_works(before: Kept, after: Kept, *, node_host: str, node_ports: Mapping[str, int]) -> bool:
    """Whether programs with the old values go on working: the present node's own name always answers, and it
    listens on these ports. A protocol that is no longer offered is not asked: gone."""
    if before["node"] != after["node"]:
        return False
    ports = set(node_ports.values())
    was = [value for name, value in before["servers"].items() if name in after["servers"]]
    return all(host in {node_host, *_hosts(after)} and port in ports for host, port, _encryption in was)


def advice(before: Kept, after: Kept, *, works: bool) -> str:
    """What to do. ``works``: as old_works."""
    if not works:
        return _("The old values no longer work. Type the new ones into each of your mail programs.")
    gone = ", ".join(sorted(set(before["servers"]) - set(after["servers"])))
    if gone:
        return _("Programs that use %(protocols)s cannot sign in any more; all others go on working.") % {
            "protocols": gone
        }
    return _("Programs with the old values go on working; use the new ones from now on.")


def _hosts(kept: Kept) -> set[str]:
    return {host for host, _port, _encryption in kept["servers"].values()}


def _others(before: Kept, after: Kept) -> list[tuple[str, list[Any] | None, list[Any] | None]]:
    was = {name: rest for name, *rest in before["others"]}
    now = {name: rest for name, *rest in after["others"]}
    return [
        (name, was.get(name), now.get(name))
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]


def _said(server: list[Any] | None) -> str:
    if server is None:
        return ""
    host, port, encryption = server
    words = {"host": host, "port": port, "encryption": encryption}
    return _("%(host)s, port %(port)s, %(encryption)s") % words
