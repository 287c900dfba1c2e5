"""Folders and files with the owner and mode they need, and configuration from templates."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from deploy.stack.layout import CODE, gid, uid

PLACEHOLDER = re.compile(r"@([A-Z][A-Z0-9_]*)@")


class TemplateError(Exception):
    """A placeholder has no value, or a value would break out of its line."""


def render(text: str, values: Mapping[str, object]) -> str:
    """Put ``values`` into the ``@NAME@`` places of ``text``. A value is one line, and begins no other."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise TemplateError(f"no value for @{name}@")
        found = str(values[name])
        if any(ord(character) < 32 for character in found):
            raise TemplateError(f"the value of @{name}@ has a control character")
        return found

    return PLACEHOLDER.sub(value, text)


def render_file(template: str, values: Mapping[str, object]) -> str:
    """The template ``deploy/<template>`` rendered. Raises TemplateError naming it."""
    try:
        return render((CODE / "deploy" / template).read_text(encoding="utf-8"), values)
    except TemplateError as error:
        raise TemplateError(f"deploy/{template}: {error}") from None


def folder(path: Path, *, owner: str = "root", group: str = "", mode: int = 0o755) -> Path:
    """Make ``path`` if need be and give it owner, group and mode; never what is inside."""
    path.mkdir(parents=True, exist_ok=True)
    os.chown(path, uid(owner), gid(group or owner))
    path.chmod(mode)
    return path


def write(path: Path, text: str, *, owner: str = "root", group: str = "", mode: int = 0o644) -> bool:
    """Write ``text`` unless it is there already, whole or not at all. True: it changed."""
    ids = uid(owner), gid(group or owner)
    try:
        same = path.read_text(encoding="utf-8") == text
    except FileNotFoundError:
        same = False
    if same:
        os.chown(path, *ids)
        path.chmod(mode)
        return False
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    os.chown(new, *ids)
    new.chmod(mode)
    new.rename(path)
    return True


def open_file(path: Path, *, owner: str, group: str, mode: int = 0o640) -> None:
    """Have a file that ``owner`` writes and ``group`` reads; what is in one that is there stays."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.chown(path, uid(owner), gid(group))
    path.chmod(mode)
