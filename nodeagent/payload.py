"""From a message off the queue to a checked state. The panel checks too; a node faces the internet and trusts
no queue."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from nodeagent import belongings
from nodeagent.contract import (
    CONTRACT,
    KINDS,
    ROUTINGS,
    DkimKey,
    Home,
    Mailbox,
    MailDomain,
    RRset,
    State,
    Zone,
    from_payload,
)
from nodeagent.patterns import (
    ADDRESS,
    CONTROL,
    DNSKEY,
    DOMAIN,
    GROUP,
    HASH,
    HOME_PART,
    KEYS_MAX,
    OWNER,
    QUOTA_MB_MAX,
    SENDS_MAX,
    SERIAL_MAX,
    TTL_MAX,
    TYPE,
    BadStateError,
    home_check,
    reason_check,
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One checked state. ``state`` None: the object shall be absent; ``parts`` is the key without its
    kind."""

    key: str
    kind: str
    rev: int
    state: State | None
    parts: tuple[str, ...]


def parse(message: Any) -> Item:
    """Check one StateMessage. Raises BadStateError."""
    if not isinstance(message, dict) or set(message) != {"kind", "key", "rev", "payload"}:
        raise BadStateError(f"This is not a state of contract {CONTRACT}.")
    kind, key, rev, payload = message["kind"], message["key"], message["rev"], message["payload"]
    if not isinstance(kind, str) or kind not in KINDS:
        text = f"This node does not know the kind {kind!r} (contract {CONTRACT}); update its agent."
        raise BadStateError(text, permanent=False)
    if not isinstance(rev, int) or isinstance(rev, bool) or not 0 < rev < 2**63:
        raise BadStateError("The revision is not a positive whole number.")
    parts = _parts(kind, key)
    state = None
    if payload is not None:
        state = _state(kind, payload)
        if state.key != key:
            raise BadStateError(f"The payload is that of {state.key}.")
    return Item(key=key, kind=kind, rev=rev, state=state, parts=parts)


_KEYS = {
    MailDomain.KIND: [DOMAIN],
    Mailbox.KIND: [ADDRESS],
    Home.KIND: [DOMAIN, HOME_PART],
    DkimKey.KIND: [DOMAIN, DOMAIN],
    Zone.KIND: [DOMAIN],
    **belongings.KEYS,
}


def _parts(kind: str, key: Any) -> tuple[str, ...]:
    head, *parts = key.split("/") if isinstance(key, str) else [""]
    patterns = _KEYS[kind]
    fits = head == kind and len(parts) == len(patterns)
    if not fits or not all(pattern.match(part) for pattern, part in zip(patterns, parts, strict=True)):
        raise BadStateError(f"{str(key)[:300]!r} is not a key of the kind {kind}.")
    return tuple(parts)


def _state(kind: str, payload: Any) -> State:
    try:
        state = from_payload(kind, payload)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise BadStateError(f"The fields of this {kind} do not fit contract {CONTRACT}.") from error
    _types(state)
    if isinstance(state, MailDomain):
        _mail_domain(state)
    elif isinstance(state, Mailbox):
        _mailbox(state)
    elif isinstance(state, Zone):
        _zone(state)
    elif kind in belongings.KEYS:
        belongings.check(state)
    return state


def _types(state: State | RRset) -> None:
    # What comes off the queue is JSON: its values have these types themselves, none that inherits from them.
    kind: type = type(state)
    for name, wanted in _wanted_types(kind):
        if type(getattr(state, name)) is not wanted:
            raise BadStateError(f"{name} must be a {wanted.__name__}.")


@functools.cache
def _wanted_types(kind: type) -> tuple[tuple[str, type], ...]:
    types: dict[str, type] = {"str": str, "int": int, "bool": bool, "dict[str, Any]": dict}
    return tuple((field.name, types.get(str(field.type), list)) for field in dataclasses.fields(kind))


def _mailbox(state: Mailbox) -> None:
    if not HASH.match(state.password_hash):
        raise BadStateError("password_hash is not a hash with its {SCHEME}.")
    if not 1 <= state.quota_mb <= QUOTA_MB_MAX:
        raise BadStateError("quota_mb is out of range.")
    reason_check(state.reason)
    home_check(state.home)


def _mail_domain(state: MailDomain) -> None:
    reason_check(state.reason)
    if not GROUP.match(state.account):
        raise BadStateError("account must be at most 64 of a-z, 0-9 and the hyphen.")
    if not 0 <= state.sends_per_hour <= SENDS_MAX:
        raise BadStateError("sends_per_hour is out of range.")
    if state.routing not in ROUTINGS:
        # One that a newer panel knows: not for ever.
        raise BadStateError(f"routing must be one of {', '.join(ROUTINGS)}.", permanent=False)
    if state.catch_all not in {"", "discard"} and not ADDRESS.match(state.catch_all):
        raise BadStateError("catch_all must be empty, discard or an address.")
    if state.alias_of and (not DOMAIN.match(state.alias_of) or state.alias_of == state.name):
        raise BadStateError("alias_of must be another domain.")


def _zone(state: Zone) -> None:
    if not 0 < state.serial <= SERIAL_MAX:
        raise BadStateError("serial is out of range.")
    apex = f"{state.name}."
    seen: set[tuple[str, str]] = set()
    for rrset in state.rrsets:
        _types(rrset)
        below = rrset.name == apex or rrset.name.endswith(f".{apex}")
        if not below or not OWNER.match(rrset.name) or rrset.name != rrset.name.lower():
            raise BadStateError(f"{rrset.name[:300]!r} is not a name in {state.name}.")
        if not TYPE.match(rrset.type) or not 0 <= rrset.ttl <= TTL_MAX:
            raise BadStateError(f"{rrset.name} has a type or TTL that cannot be.")
        if not rrset.records or not all(
            isinstance(text, str) and not CONTROL.search(text) for text in rrset.records
        ):
            raise BadStateError(f"{rrset.name} {rrset.type} needs records, each one line of text.")
        seen.add((rrset.name, rrset.type))
    if len(seen) != len(state.rrsets):
        raise BadStateError("A name and type occurs twice.")
    if (apex, "SOA") not in seen:
        raise BadStateError("The zone has no SOA record.")
    if (apex, "DNSKEY") in seen:
        raise BadStateError("The keys of a zone are no records of it.")
    _signing(state)


def _signing(state: Zone) -> None:
    wanted = state.signing
    numbers = all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**31 for one in wanted)
    if not numbers or len(set(wanted)) != len(wanted) or len(wanted) > KEYS_MAX:
        raise BadStateError("signing must be different positive whole numbers.")
    if len(state.dnskeys) > KEYS_MAX or not all(
        isinstance(text, str) and DNSKEY.match(text) for text in state.dnskeys
    ):
        raise BadStateError("dnskeys must be the public keys of name servers.")
