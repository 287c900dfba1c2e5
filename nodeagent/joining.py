"""The node tells the panel the public halves of its keys and the digests of its secrets: ``python -m
nodeagent join``. Until the panel has them it tries again, for ever; mail flows meanwhile."""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import os
import ssl
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nodeagent import sealing
from nodeagent.config import ConfigError
from nodeagent.contract import CONTRACT, Joining
from nodeagent.reporting import make_key

log = logging.getLogger(__name__)

TIMEOUT = 15.0
MOST_PAUSE = 30.0


class RefusedError(Exception):
    """The panel knows the invitation and does not take what the node says."""


def main() -> int:
    """Until the panel took it. 1: it never will."""
    said = joining(os.environ)
    pause = 1.0
    while True:
        try:
            tell(os.environ["JOIN_URL"], _token(), said, os.environ.get("INGEST_CA_FILE") or None)
        except RefusedError as error:
            log.error("the panel does not take this node: %s", error)
        except (OSError, http.client.HTTPException) as error:
            log.warning("not joined yet, the next try is in %.0f s: %s", pause, error)
        else:
            log.info("%s has joined", said["node"])
            return 0
        time.sleep(pause)
        pause = min(MOST_PAUSE, pause * 1.5)


def joining(environment: os._Environ[str] | dict[str, str]) -> Joining:
    """What this node says of itself; keys that are not there are made. Raises ConfigError."""
    try:
        name = environment["NODE_NAME"]
        signing = Path(environment["SIGNING_KEY_FILE"])
        sealing_key = sealing.make_key(Path(environment["SEALING_KEY_FILE"]))
        ingest = Path(environment["INGEST_TOKEN_FILE"]).read_text(encoding="ascii").strip()
        broker = unquote(urlsplit(environment["AGENT_BROKER_URL"]).password or "")
    except KeyError as error:
        raise ConfigError(f"{error.args[0]} is not set in the node's environment") from None
    return {
        "contract": CONTRACT,
        "node": name,
        "public_key": make_key(signing),
        "sealing_key": sealing_key,
        "ingest_token_hash": hashlib.sha256(ingest.encode()).hexdigest(),
        "broker_hash": hashlib.sha256(broker.encode()).hexdigest(),
    }


def tell(url: str, token: str, said: Joining, ca_file: str | None) -> None:
    """Post it. Raises RefusedError, OSError or HTTPException when the panel did not take it."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=ca_file)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=TIMEOUT, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", parts.path, json.dumps(said), headers)
        answer = connection.getresponse()
        text = answer.read(2000).decode("utf-8", "replace")
    finally:
        connection.close()
    if answer.status == 400:
        raise RefusedError(text)
    if answer.status != 200:
        raise OSError(f"the panel answered {answer.status}")


def _token() -> str:
    return Path(os.environ["JOIN_TOKEN_FILE"]).read_text(encoding="ascii").strip()
