"""endpoints.json: where everything of the running instance is, for tools, tests and the bench."""

from __future__ import annotations

import json
from typing import Any

from deploy.stack.files import write
from deploy.stack.layout import Stack
from deploy.stack.ports import MAIL_PORTS


def save(stack: Stack) -> dict[str, Any]:
    """Write ``endpoints.json`` (0600), with the demo's sign-ins and mailboxes when there is a demo."""
    try:
        demo = json.loads(stack.demo_file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        demo = {}
    node = stack.node
    found: dict[str, Any] = {"panel": stack.panel_url, "panel_http": stack.panel_http_url}
    found |= {name: {"host": "127.0.0.1", "port": stack.ports[name]} for name in (*MAIL_PORTS, "dns")}
    found |= {
        "ca_file": str(stack.ca / "ca.pem"),
        "mail_log": str(node.log / "mail.log"),
        "sign_ins": demo.get("sign_ins", []),
        "mailboxes": demo.get("mailboxes", []),
        "state": str(stack.root),
        "database_url": stack.database_url,
        "broker_url": stack.broker_url,
        "redis": {"host": "127.0.0.1", "port": stack.ports["redis"]},
        "postgres": {"host": "127.0.0.1", "port": stack.ports["postgres"]},
        "panel_env": str(stack.panel_env),
        "metrics": {"url": f"{stack.panel_url}/metrics", "token": stack.secrets["metrics"]},
        "supervisor_config": str(stack.supervisor_config),
        "supervisor_socket": str(stack.supervisor_socket),
        "node": {
            "name": node.name,
            "host": node.host,
            "dir": str(node.dir),
            "env": str(node.env_file),
            "directory_db": str(node.directory_db),
            "mail_root": str(node.mail_root),
            "dovecot_log": str(node.log / "dovecot.log"),
            "rspamd_log": str(node.rspamd_log),
            "postfix_config": str(node.postfix),
            "dkim_dir": str(node.dkim),
        },
    }
    write(stack.endpoints, json.dumps(found, indent=2) + "\n", owner=stack.user, mode=0o600)
    return found
