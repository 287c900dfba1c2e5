"""What a node may do at the broker: its own two queues, and nothing else there (redis.io, ACL)."""

from __future__ import annotations

# What tells of others' keys or outlives the connection, and no queue needs.
NOT_NEEDED = ("scan", "randomkey", "function")


def broker_rules(node: str) -> list[str]:
    """The rules of the node's user after its password, as ``ACL SETUSER`` and an ACL file write them.
    ``node``: a node's name, which is a slug."""
    queues = [f"node.{node}", f"report.{node}"]
    kombu = [f"_kombu.binding{kind}.{queue}" for kind in ("", "_permanent") for queue in queues]
    unacked = [f"unacked{kind}.{node}" for kind in ("", "_index", "_mutex")]
    keys = [f"~{key}" for key in (*queues, *kombu, *unacked)]
    return [
        "resetchannels",
        *keys,
        "+@all",
        "-@admin",
        "-@dangerous",
        *(f"-{each}" for each in NOT_NEEDED),
        "+info",
    ]
