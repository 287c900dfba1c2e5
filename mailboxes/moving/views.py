"""The page that gives a mailbox another address."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import Right, domains_where
from mailboxes.models import Mailbox, MailDomain
from mailboxes.moving.forms import RenameForm
from mailboxes.moving.services import mailbox_rename
from mailboxes.views.actions import ActionPage, NotFromAbove

MOST_DOMAINS = 500  # offered


class MailboxRename(NotFromAbove, ActionPage):
    template_name = "mailboxes/moving/rename.html"
    form_class = RenameForm

    def initial(self) -> dict[str, Any]:
        return {"local": self.mailbox.local, "domain": self.mail_domain.pk, "keep_old": True}

    def form_values(self) -> dict[str, Any]:
        """The domains of the account that this person looks after; those on another node, too: whoever
        chooses one hears what to do instead."""
        mine = domains_where(self.request.user, Right.MANAGE).filter(account=self.domain.account_id)
        rows = MailDomain.objects.filter(domain__in=mine, alias_of=None)
        return {"mail_domains": rows.select_related("domain").order_by("domain__name")}

    def perform(self, form: Any) -> str:
        self.renamed: Mailbox = mailbox_rename(
            actor=self.request.user,
            mailbox=self.mailbox,
            mail_domain=form.cleaned_data["domain"],
            local=form.cleaned_data["local"],
            keep_old=form.cleaned_data["keep_old"],
        )
        text = _("%(old)s is %(new)s now. Its user signs in with the new address and the same password.")
        return text % {"old": self.mailbox.address, "new": self.renamed.address}

    def leave(self) -> HttpResponse:
        return redirect("mailbox", self.renamed.mail_domain.domain.name, self.renamed.local)
