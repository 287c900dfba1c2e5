"""What belongs to mailboxes and domains, checked as it comes off the queue (see payload.py)."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable

from nodeagent.contract import Alias, Hold, Identity, Job, Limit, Login, Script, State
from nodeagent.patterns import (
    ADDRESS,
    GROUP,
    HASH,
    JOB_ID,
    LABEL,
    LOGIN_ID,
    NETWORKS_MAX,
    SCRIPT_BYTES,
    SEALED,
    SENDS_MAX,
    TARGETS_MAX,
    WORD,
    BadStateError,
    home_check,
    reason_check,
)

OWNER = re.compile(rf"(?:[a-z0-9._+-]{{1,64}}@)?(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*\Z")
SCOPE = re.compile(rf"(?:{OWNER.pattern})|(?:{GROUP.pattern})")
JOB_BYTES = 64 * 1024
EXPIRES_MAX = 2**40

# Kind → what the parts of its key look like.
KEYS: dict[str, list[re.Pattern[str]]] = {
    Alias.KIND: [ADDRESS],
    Login.KIND: [ADDRESS, LOGIN_ID],
    Identity.KIND: [ADDRESS, ADDRESS],
    Limit.KIND: [SCOPE],
    Hold.KIND: [ADDRESS],
    Script.KIND: [OWNER],
    Job.KIND: [JOB_ID],
}


def check(state: State) -> None:
    """Raises BadStateError."""
    if isinstance(state, Alias):
        _alias(state)
    elif isinstance(state, Login):
        _login(state)
    elif isinstance(state, Limit):
        _limit(state)
    elif isinstance(state, Hold):
        reason_check(state.reason)
    elif isinstance(state, Script):
        _script(state)
    elif isinstance(state, Job):
        _job(state)


def _alias(state: Alias) -> None:
    if not 1 <= len(state.targets) <= TARGETS_MAX or not _all_match(ADDRESS, state.targets):
        raise BadStateError(f"targets must be 1 to {TARGETS_MAX} addresses.")
    if len(set(state.targets)) != len(state.targets):
        raise BadStateError("A target occurs twice.")
    if bool(state.home) != (state.address in state.targets):
        raise BadStateError("The address is its own target when it has a home, and only then.")
    if state.home:
        home_check(state.home)


def _login(state: Login) -> None:
    if not HASH.match(state.password_hash):
        raise BadStateError("password_hash is not a hash with its {SCHEME}.")
    if not 0 <= state.expires <= EXPIRES_MAX:
        raise BadStateError("expires is out of range.")
    if len(state.networks) > NETWORKS_MAX or not all(_is_network(text) for text in state.networks):
        raise BadStateError(f"networks must be at most {NETWORKS_MAX} networks such as 192.0.2.0/24.")
    if state.site and (state.imap or state.pop3 or state.sieve):
        raise BadStateError("A website sender only sends.")


def _limit(state: Limit) -> None:
    numbers = (state.mails_hour, state.mails_day, state.rcpts_hour, state.rcpts_day, state.new_day)
    if not state.scope or not all(0 <= number <= SENDS_MAX for number in numbers):
        raise BadStateError("A limit is out of range.")


def _script(state: Script) -> None:
    if len(state.text.encode()) > SCRIPT_BYTES or "\0" in state.text:
        raise BadStateError("A script is at most 1 MiB of text.")


def _job(state: Job) -> None:
    if not WORD.match(state.what) or not SEALED.match(state.sealed):
        raise BadStateError("what is a word, and sealed is base64.")
    if len(json.dumps(state.args)) > JOB_BYTES:
        raise BadStateError("args are too long.")


def _all_match(pattern: re.Pattern[str], texts: Iterable[object]) -> bool:
    return all(isinstance(text, str) and pattern.match(text) for text in texts)


def _is_network(text: object) -> bool:
    try:
        return isinstance(text, str) and str(ipaddress.ip_network(text)) == text
    except ValueError:
        return False
