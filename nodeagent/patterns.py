"""What names, addresses and texts in a state may look like, and the word for one that does not."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*\Z")
ADDRESS = re.compile(rf"[a-z0-9._+-]{{1,64}}@(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*\Z")
OWNER = re.compile(r"[!-~]{1,254}\.\Z")
TYPE = re.compile(r"[A-Z0-9]{1,10}\Z")
HOME_PART = re.compile(r"[A-Za-z0-9@_+=-][A-Za-z0-9@._+=-]{0,254}\Z")
HASH = re.compile(r"\{[A-Z0-9.-]{2,32}\}[!-~]{1,255}\Z")
GROUP = re.compile(r"[a-z0-9-]{0,64}\Z")
DNSKEY = re.compile(r"257 3 [0-9]{1,3} [A-Za-z0-9+/]{40,1400}={0,2}\Z")
KEYS_MAX = 64  # in one zone
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Mail programs show a reason, some in a terminal: nothing that controls, breaks or turns around a line.
UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
QUOTA_MB_MAX = 2**40  # an exbibyte: quota rules in bytes still fit 64 bits
SENDS_MAX = 2**31 - 1
SERIAL_MAX = 2**32 - 1  # RFC 1982
TTL_MAX = 2**31 - 1  # RFC 2181 §8
LOGIN_ID = re.compile(r"[a-z0-9]{8,32}\Z")
JOB_ID = re.compile(r"[a-z0-9-]{1,40}\Z")
WORD = re.compile(r"[a-z_]{1,40}\Z")
SEALED = re.compile(r"[A-Za-z0-9+/=]{0,8192}\Z")
SCRIPT_BYTES = 1024 * 1024
TARGETS_MAX = 1000  # of one alias
NETWORKS_MAX = 64  # of one login


class BadStateError(Exception):
    """The message cannot be applied; says why in plain words. ``permanent``: nor will it be when it is sent
    again."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


def reason_check(reason: str) -> None:
    if UNSHOWN.search(reason) or len(reason) > 500:
        raise BadStateError("reason must be one line of at most 500 characters.")


def home_check(home: str) -> None:
    """Raises BadStateError for what is no path that stays below the mail folder."""
    if len(home) > 400 or not all(map(HOME_PART.match, home.split("/"))):
        raise BadStateError("home must be a relative path below the mail folder.")


def home_parts(home: str) -> PurePosixPath:
    """``home`` as a path that stays below the mail folder. Raises BadStateError for anything else."""
    home_check(home)
    return PurePosixPath(*home.split("/"))
