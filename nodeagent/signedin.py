"""The name by which Postfix knows who is signed in. It says with which password, too: so a look-up at each
mail can tell that this password holds no longer, in a session that was opened while it did (Postfix ends none
of its own), and the log tells when an app password was last used.

``main.17/ana@luna.example``: the mailbox's own password, as of revision 17 of the mailbox on this node.
``app.k3m9x2ab/ana@luna.example``: an app password or a website sender's, by its id. Dovecot makes these names
(dovecot-sql.conf.ext), for SMTP alone; stopped.cf and senders.cf know them. No address has a slash in it.
"""

from __future__ import annotations

_APP = "app."


def signed_in(name: str) -> tuple[str, str]:
    """(login, id of the app password or empty) of a ``sasl_username``. A plain name is its own login."""
    by, slash, login = name.partition("/")
    if not slash:
        return name, ""
    return login, by.removeprefix(_APP) if by.startswith(_APP) else ""
