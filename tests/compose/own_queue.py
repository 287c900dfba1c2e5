"""Run inside a node's container: what its user at the broker may do. ``own_queue.py MINE OTHER``."""

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import redis


def main(mine: str, other: str) -> None:
    lines = Path(f"/data/{mine}/agent.env").read_text(encoding="utf-8").splitlines()
    url = next(line.partition("=")[2].strip("'") for line in lines if line.startswith("AGENT_BROKER_URL="))
    assert urlsplit(url).username == mine
    client = redis.Redis.from_url(url)
    assert int(client.llen(f"node.{mine}")) >= 0
    attempts: list[Callable[[], object]] = [
        lambda: client.llen(f"node.{other}"),
        lambda: client.rpush(f"report.{other}", "x"),
        lambda: client.lrange("panel", 0, -1),
        lambda: client.keys("*"),
        client.flushall,
        client.acl_list,
    ]
    for number, attempt in enumerate(attempts):
        try:
            attempt()
        except redis.exceptions.NoPermissionError:
            continue
        raise SystemExit(f"attempt {number} was let through")
    sys.stdout.write("held\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
