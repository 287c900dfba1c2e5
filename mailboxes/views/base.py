"""What every page here begins with: a domain, or a mailbox, that this person may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic.base import ContextMixin, View

from accounts.access import Right, domain_or_404, guard
from accounts.models import Domain
from mailboxes.models import Mailbox, MailDomain


class DomainPage(ContextMixin, View):
    """``setup`` runs before the verb is looked at, so a stranger gets 404 for every one, and whoever lacks
    ``right`` a 403."""

    right = Right.LOOK
    beside: Sequence[str] = ()  # what else comes with the domain, in the same query
    http_method_names = ["get", "head", "post"]
    domain: Domain
    mail_domain: MailDomain

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Domain.objects.select_related("account__reseller", "mail__node", *self.beside)
        self.domain = domain_or_404(request, kwargs["name"], self.right, rows)
        if not hasattr(self.domain, "mail"):
            raise Http404
        self.mail_domain = self.domain.mail

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        common = {
            "domain": self.domain,
            "at_domain": f"@{self.domain.display_name}",
            "nav": "mailboxes",
            "node": self.mail_domain.node,
        }
        return super().get_context_data(**common | kwargs)


class OnePage(DomainPage):
    """A page about one mailbox that is there. Whatever is done to it asks whose key it is."""

    mailbox: Mailbox

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.mailbox = self.find(request, kwargs["local"])
        self.mailbox.mail_domain = self.mail_domain
        if self.right != Right.LOOK:
            guard(request.user, [self.mailbox.address], self.domain.account)

    def find(self, request: HttpRequest, local: str) -> Mailbox:
        found: Mailbox = get_object_or_404(self.boxes(request), mail_domain=self.mail_domain, local=local)
        return found

    def boxes(self, request: HttpRequest) -> QuerySet[Mailbox]:
        """A page may read more in the same query."""
        found: QuerySet[Mailbox] = Mailbox.objects.visible_to(request.user).present()
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mailbox=self.mailbox, **kwargs)
