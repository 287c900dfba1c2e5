"""The live blocks of articles: ``BLOCKS[name](scope)`` gives what ``templates/guides/learn/blocks/NAME.html``
shows. A new one: a function, a line below, a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from guides.learn.blocks.dns import mx, records
from guides.learn.blocks.drawn import office, path
from guides.learn.blocks.ports import ports, servers
from guides.learn.blocks.sizes import sending, storage
from guides.learn.scope import Scope

BLOCKS: Mapping[str, Callable[[Scope], dict[str, Any]]] = {
    "ports": ports,
    "servers": servers,
    "mx": mx,
    "records": records,
    "path": path,
    "office": office,
    "storage": storage,
    "sending": sending,
}


def block_shown(scope: Scope, name: str) -> SafeString:
    context = BLOCKS[name](scope) | {"scope": scope, "domain": scope.domain, "block": name}
    return SafeString(render_to_string(f"guides/learn/blocks/{name}.html", context))
