"""Pictures that people upload: drawn again by ourselves, so that what is kept is pixels and nothing else."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from django.utils.translation import gettext as _

from lib.errors import Refused

log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
LOGO_SIZE = (480, 160)
LOGO_BYTES = 200_000
SECONDS = 15.0

_WORKER = Path(__file__).with_name("picture_worker.py")
_NOT = 3  # the worker's exit status for "refused, and the reason is on standard error"


def to_logo(data: bytes) -> bytes:
    """A PNG within LOGO_SIZE and LOGO_BYTES from a PNG, JPEG, WebP or GIF. A process of its own decodes it,
    with limits and without our secrets: about 0.2 s. Raises Refused with field ``logo``."""
    if not data:
        raise _no(_("The file is empty. Choose the picture once more."))
    if len(data) > MOST_BYTES:
        raise _no(_("The picture is larger than 1 MB. Save it smaller: 480 by 160 pixels are enough."))
    if _is_svg(data):
        raise _no(
            _(
                "An SVG can hold programs, so it is not taken. Save it as PNG, as every drawing program can: "
                "480 by 160 pixels are enough."
            )
        )
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_WORKER), *map(str, LOGO_SIZE), str(LOGO_BYTES)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={},
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        raise _refusal("HUGE") from None
    if done.returncode:
        word = done.stderr.decode("ascii", "replace").strip() if done.returncode == _NOT else ""
        if not word:
            log.warning("the picture worker ended with %s: %s", done.returncode, done.stderr[-300:])
        raise _refusal(word)
    return done.stdout


def _is_svg(data: bytes) -> bool:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"\x1f\x8b")) or b"<svg" in head[:1024]


def _refusal(word: str) -> Refused:
    if word == "HUGE":
        return _no(_("The picture has too many pixels. Save it smaller: 480 by 160 pixels are enough."))
    if word == "NOT":
        return _no(_("That is no picture that the panel knows. Choose a PNG, JPEG, WebP or GIF."))
    return _no(_("The picture is damaged or cut off. Open it, save it again as PNG, and choose that file."))


def _no(message: str) -> Refused:
    return Refused(message, "logo")
