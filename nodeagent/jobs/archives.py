"""Archives on their way between this node and the panel: in pieces over HTTPS, each sent again until the
other side has it."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from nodeagent.jobs.work import JobFailedError, TryLaterError, Work

PIECE = 4 * 1024 * 1024
SECONDS = 60.0


class Archives:
    """The one archive of a job. ``ident``: as the panel calls it."""

    def __init__(self, work: Work, ident: str) -> None:
        jobs = work.jobs
        if not jobs.archives_url or not jobs.token_file or not ident.isalnum():
            raise JobFailedError("This node cannot exchange archives with the panel; its provider must look.")
        parts = urlsplit(jobs.archives_url)
        self._host, self._port, self._path = parts.hostname or "", parts.port, f"{parts.path}{ident}/"
        self._token = jobs.token_file.read_text(encoding="ascii").strip()
        self._context = ssl.create_default_context(cafile=jobs.ca_file)

    def put(self, path: Path, work: Work) -> None:
        """All of ``path``, from where an earlier try was."""
        size = path.stat().st_size
        start = int(work.kept.get("sent", 0))
        with path.open("rb") as file:
            while start < size or not size:
                file.seek(start)
                piece = file.read(PIECE)
                last = start + len(piece) >= size
                self._ask("PUT", f"?start={start}&last={int(last)}", piece)
                start += len(piece)
                work.keep(sent=start)
                work.tell(work.row.facts.get("mails", 0), work.row.facts.get("mails", 0), "Handing it over.")
                if last:
                    return

    def get(self, path: Path, work: Work) -> None:
        """All of it, to ``path``; goes on with what is there."""
        path.touch(mode=0o600)
        with path.open("ab") as file:
            while piece := self._ask("GET", f"?start={file.tell()}", None):
                file.write(piece)
                file.flush()
                work.tell(0, 0, "Fetching the archive.")

    def _ask(self, verb: str, query: str, body: bytes | None) -> bytes:
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=SECONDS, context=self._context
        )
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/octet-stream"}
        try:
            connection.request(verb, self._path + query, body, headers)
            response = connection.getresponse()
            data = response.read(PIECE + 1)
        except (OSError, http.client.HTTPException) as error:
            raise TryLaterError("The panel does not take or give the archive at the moment.") from error
        finally:
            connection.close()
        if response.status == 404:
            raise JobFailedError("The archive is no longer kept; begin again.")
        if response.status not in (200, 204):
            raise TryLaterError(f"The panel answered {response.status} for the archive.")
        return data
