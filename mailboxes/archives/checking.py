"""Whether a file can be an archive of mails at all. The node looks through it as a whole before it saves."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext as _

from lib.errors import Refused

FILES = 200_000
BYTES = 20 * 1024**3
RATIO = 200  # mail shrinks to a third; what shrinks to a hundredth is no mail
RATIO_FROM = 50 * 1024**2


def archive_check(file: IO[bytes], size: int) -> None:
    """Raises Refused at ``file``."""
    start = file.read(5)
    file.seek(0)
    if zipfile.is_zipfile(file):
        file.seek(0)
        _zip(file, size)
    elif start != b"From ":
        file.seek(0)
        if not tarfile.is_tarfile(file):
            text = _("This is no ZIP, TAR or mbox file with mails in it. Choose another file.")
            raise Refused(text, "file")
    file.seek(0)


def _zip(file: IO[bytes], size: int) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            rows = archive.infolist()
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise Refused(_("This archive is damaged. Make it again, or choose another file."), "file") from error
    whole = sum(row.file_size for row in rows)
    if len(rows) > FILES or whole > BYTES or (whole > RATIO_FROM and whole > size * RATIO):
        text = _("Unpacked, this archive would be far too large for mail. Nothing was saved.")
        raise Refused(text, "file")
    for row in rows:
        name = row.filename.replace("\\", "/")
        if ".." in PurePosixPath(name).parts or name.startswith("/"):
            raise Refused(_("This archive has a file that leads out of it. Nothing was saved."), "file")
        if stat.S_ISLNK(row.external_attr >> 16) or row.flag_bits & 1:
            text = _("This archive has links in it, or a password. Make one of the mails alone.")
            raise Refused(text, "file")
