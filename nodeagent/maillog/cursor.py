"""Where reading goes on: one small file per log, replaced whole, so that it is always either the old or the
new."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path


@dataclasses.dataclass(slots=True)
class Place:
    """How far one file is read. ``identity`` names it to the panel and never changes; ``head`` and ``check``
    recognise its content under another name or inode: digests of its first line and of the last bytes before
    ``offset``. ``done``: turned away and read to its end. ``latest``: the latest time of any line."""

    identity: str
    inode: int
    head: str
    offset: int = 0
    check: str = ""
    done: bool = False
    latest: float = 0.0


class Cursor:
    """The places of one log, oldest file first. ``fresh``: there was no cursor yet. A damaged file counts as
    none: the panel takes each line once, so reading it all again is safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.places: list[Place] = []
        self.fresh = True
        try:
            stored = json.loads(path.read_text("utf-8"))
            self.places = [Place(**place) for place in stored["places"]]
            self.fresh = False
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            pass

    def save(self) -> None:
        text = json.dumps({"places": [dataclasses.asdict(place) for place in self.places]})
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.fresh = False
