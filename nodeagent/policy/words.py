"""What a refusal says."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOGIN = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,253}")
_NAMES = {"mails": "mails", "rcpts": "recipients", "new": "new recipients"}
_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """``level``: mailbox, domain or account; ``said``: the same in a refusal's words. ``figure``: mails,
    rcpts or new. ``span``: hour or day. ``needs``: how many this mail would add. ``frees``: the Unix second
    from which it would pass; None: it never does as it is."""

    level: str
    said: str
    scope: str
    figure: str
    span: str
    most: int
    used: int
    needs: int
    frees: int | None

    @property
    def name(self) -> str:
        """As the directory's column: ``rcpts_hour``."""
        return f"{self.figure}_{self.span}"


def refusal(login: str, stop: Stop, now: float) -> str:
    """450: the mail program says why and keeps the mail. Names the level, the limit and when enough of it is
    free, and who was signed in: Postfix 3.7 does not log that for a recipient it refuses
    (maillog.parse_postfix)."""
    who = login if LOGIN.fullmatch(login) else "you"
    name = _NAMES[stop.figure]
    an = "an" if stop.span == "hour" else "a"
    said = f"450 4.7.1 Sending limit for {who}: {stop.most} {name} {an} {stop.span} for the {stop.said}; "
    if stop.frees is None:
        return f"{said}this mail has {stop.needs} {name}, so send it to fewer at a time"
    return f"{said}{stop.used} used, so try again in {wait(stop.frees - now)}"


def wait(seconds: float) -> str:
    """Whole minutes, rounded up: "2 hours and 5 minutes"."""
    minutes = max(1, -int(-seconds // 60))
    hours, rest = divmod(minutes, _HOUR)
    parts = [_times(hours, "hour")] * bool(hours) + [_times(rest, "minute")] * bool(rest)
    return " and ".join(parts)


def _times(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
