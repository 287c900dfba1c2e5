"""What one's account may have, and has of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import Right, accounts_with, one_account_or_404
from panel.clients.meters import held_by


@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    account = one_account_or_404(request, Right.ACCOUNT)
    others = [other for other in accounts_with(request.user, Right.ACCOUNT) if other.pk != account.pk]
    context = {"account": account, "held": held_by(account), "others": others}
    return render(request, "panel/limits.html", context)
