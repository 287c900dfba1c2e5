"""What happened to customers, told to whoever wants to know: services here and above say it, panel.apps lets
panel.notify hear it and write the mails. A service calls, inside its transaction:

    emit("suspended", target=account_or_domain_or_mailbox, actor=user_or_None)
    emit("resumed", target=account_or_domain_or_mailbox, actor=user_or_None)
    emit("domain_proved", domain=domain, actor=user_or_None)
    emit("client_deleted", account=account, actor=user_or_None)      (it sleeps; GRACE begins)
    emit("plan_changed", account=account, actor=user_or_None, before=plan_or_None)  (now: account.plan)
    emit("compromised", target=mailboxes.models.Compromise, actor=None)
    emit("alert", target=delivery.models.Alert, actor=None)

``target`` has been saved already; a mailbox is known by its ``address``. What stops and why is read from the
target (no_sign_in, no_receive, no_send, suspended_reason, suspended_from). A name that nobody hears is no
error; one that is not in NAMES is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NAMES = frozenset(
    {"suspended", "resumed", "domain_proved", "client_deleted", "plan_changed", "compromised", "alert"}
)

Callback = Callable[..., None]
_callbacks: dict[str, list[Callback]] = {}


def on(name: str, callback: Callback) -> None:
    """``callback(**values)`` runs in the transaction of what happened. For ``AppConfig.ready``."""
    _known(name)
    heard = _callbacks.setdefault(name, [])
    if callback not in heard:
        heard.append(callback)


def emit(name: str, **values: Any) -> None:
    _known(name)
    for callback in _callbacks.get(name, ()):
        callback(**values)


def _known(name: str) -> None:
    if name not in NAMES:
        raise LookupError(name)
