"""Long work on the node: import, export, restore, clean-up.

``JOBS`` names the functions: ``module:function``, loaded in the job's own process alone. A function takes a
Work, tells how far it is by ``work.tell``, keeps by ``work.keep`` what it needs to go on after a kill at any
moment, and returns when all is done. It raises JobFailedError with what to tell people, TryLaterError when a
server is away. A pause ends its process (SIGTERM, then SIGKILL)."""

from __future__ import annotations

JOBS: dict[str, str] = {
    "export": "nodeagent.jobs.exporting:exporting",
    "import": "nodeagent.jobs.importing:importing",
    "restore": "nodeagent.jobs.restoring:restoring",
    "clean": "nodeagent.jobs.cleaning:clean",
}
