"""What belongs to mailboxes and domains, each an object of its own: addresses that lead elsewhere, further
sign-ins, what one may send as and how much, scripts, long work."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from nodeagent.contract.roles import ROLE_MAIL


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An address that leads to others. ``targets``: addresses of this node, at least one. What leaves the
    node is the work of a Script: then ``targets`` holds ``address`` itself and ``home`` is its folder, as of
    a mailbox (what the script withholds lies there)."""

    KIND: ClassVar[str] = "alias"
    ROLE: ClassVar[str] = ROLE_MAIL
    address: str
    targets: list[str]
    home: str = ""

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.address}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A further password. ``id``: 8 to 32 of a-z and 0-9; the password that belongs to it begins with it
    and a hyphen, so that one row is looked up. ``login``: the user name: a mailbox's address, or (``site``)
    that of a website sender, which has no mailbox and may only send. ``password_hash``: of the whole
    password, random, so a quick hash will do: ``{SHA256.HEX}…``. ``networks``: CIDR texts it may be used
    from; none: anywhere. ``expires``: Unix seconds; 0: never."""

    KIND: ClassVar[str] = "login"
    ROLE: ClassVar[str] = ROLE_MAIL
    id: str
    login: str
    password_hash: str
    imap: bool = True
    pop3: bool = True
    smtp: bool = True
    sieve: bool = True
    site: bool = False
    networks: list[str] = dataclasses.field(default_factory=list)
    expires: int = 0

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.login}/{self.id}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``login`` (a mailbox or a website sender) may send as ``sender`` too."""

    KIND: ClassVar[str] = "identity"
    ROLE: ClassVar[str] = ROLE_MAIL
    login: str
    sender: str

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.login}/{self.sender}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much one may send in a sliding hour and day. ``scope``: a login, a domain's name, or an account as
    MailDomain.account calls it. ``mails_*``: mails; ``rcpts_*``: recipients; ``new_day``: recipients in a day
    whom the login never wrote to. 0: as many as they like. A login that has none may write to NEW_DAY new
    ones: so much a person hardly needs, and a thief wants more at once."""

    KIND: ClassVar[str] = "limit"
    ROLE: ClassVar[str] = ROLE_MAIL
    NEW_DAY: ClassVar[int] = 500
    scope: str
    mails_hour: int = 0
    mails_day: int = 0
    rcpts_hour: int = 0
    rcpts_day: int = 0
    new_day: int = 0

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.scope}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``login`` sends nothing for now: it may sign in and read, new mail of it is refused with ``reason``,
    and what waits in the queue stays there."""

    KIND: ClassVar[str] = "hold"
    ROLE: ClassVar[str] = ROLE_MAIL
    login: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.login}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A Sieve script (RFC 5228) that runs before a mailbox user's own. ``owner``: a mailbox, an Alias with a
    home, or a domain (then before each of its mailboxes' scripts). ``text``: at most 1 MiB."""

    KIND: ClassVar[str] = "script"
    ROLE: ClassVar[str] = ROLE_MAIL
    owner: str
    text: str

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.owner}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Long work on the node, which goes on where it was when the node or its agent was killed. ``id``: 1 to
    40 of a-z, 0-9 and the hyphen. ``what``: the name of the work (nodeagent.jobs), ``args``: what it needs,
    never a secret. ``sealed``: a secret that only this node can open. ``paused``: stopped until another
    state. Absent: stopped for good, and what it kept for itself is removed. Reports tell Progress."""

    KIND: ClassVar[str] = "job"
    ROLE: ClassVar[str] = ROLE_MAIL
    id: str
    what: str
    args: dict[str, Any] = dataclasses.field(default_factory=dict)
    sealed: str = ""
    paused: bool = False

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.id}"
