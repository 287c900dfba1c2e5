"""Where a node says what its keys are. No session, no cookie: the token of its invitation."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lib.errors import Refused
from nodeagent import contract
from provision.joining.services import invited, node_join

MOST_BYTES = 20_000


@csrf_exempt
@login_not_required
@require_POST
def join(request: HttpRequest) -> JsonResponse:
    """``contract.Joining``. 200: the node is in. 404: no invitation of that name has this token. 400: a key
    that is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    node = invited(token.strip()) if scheme.lower() == "bearer" else None
    said = _said(request) if node else None
    if node is None or said is None or said.get("node") != node.name:
        return JsonResponse({"error": "no invitation has this token"}, status=404)
    try:
        node_join(node=node, said=said)
    except Refused as refused:
        return JsonResponse({"error": str(refused.message), "field": refused.field}, status=400)
    return JsonResponse({"contract": contract.CONTRACT, "node": node.name})


def _said(request: HttpRequest) -> dict[str, Any] | None:
    body = request.read(MOST_BYTES + 1)
    try:
        found = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
