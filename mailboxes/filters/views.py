"""Pages of filters: of a mailbox, for its user too, and of a domain. One builder, one list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.filters import forwards, live, services, words
from mailboxes.filters.forms import Builder
from mailboxes.models import Filter, Mailbox, MailboxFilter
from mailboxes.views.base import DomainPage
from mailboxes.views.either import EitherPage
from provision.asking import NodeSilent
from provision.selectors import statuses

ADD = {"add-condition": "conditions", "add-action": "actions"}


class _Filters:
    """``owner``: whose filters; ``url``: of a page about them."""

    request: HttpRequest
    kwargs: dict[str, Any]
    owner: services.Owner
    row: Filter | None

    def url(self, name: str, *args: Any) -> str:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def tried_on(self) -> Mailbox | None:
        """Whose mail a test looks at."""
        if isinstance(self.owner, Mailbox):
            return self.owner
        wanted = self.request.POST.get("mailbox", "")
        boxes = Mailbox.objects.present().filter(mail_domain=self.owner)
        found: Mailbox | None = boxes.filter(address=wanted).first() if wanted.isprintable() else None
        return found

    @property
    def number(self) -> int:
        """The filter's key; 0 for a new one."""
        return int(self.kwargs.get("rule") or self.kwargs.get("domain_rule") or 0)

    @property
    def key(self) -> str:
        owner = self.owner
        return f"script/{owner.address if isinstance(owner, Mailbox) else owner.domain.name}"

    def begin(self, owner: services.Owner) -> None:
        """In ``setup``: a filter of another owner is a 404 for every verb."""
        self.owner = owner
        self.row = get_object_or_404(services.filters_of(owner), pk=self.number) if self.number else None

    @property
    def one(self) -> Filter:
        if self.row is None:
            raise Http404
        return self.row

    def frame(self, **kwargs: Any) -> dict[str, Any]:
        of_mailbox = isinstance(self.owner, Mailbox)
        common: dict[str, Any] = {
            "of_mailbox": of_mailbox,
            "list_url": self.url("filters"),
            "new_url": self.url("filter-new"),
            "test_url": self.url("filters-test"),
            "script_off_url": self.url("filters-script-off") if of_mailbox else "",
            "boxes": [] if isinstance(self.owner, Mailbox) else live.boxes(self.owner),
        }
        return self.get_context_data(**common | kwargs)

    def tried(self, rows: list[Filter]) -> dict[str, Any]:
        """What the node says about the last mails, for the template; with its reason when it cannot."""
        mailbox = self.tried_on
        if mailbox is None:
            return {"trial_error": _("Choose the mailbox whose mail shall be looked at.")}
        try:
            return {"trial": live.trial(mailbox, rows)}
        except NodeSilent as silent:
            return {"trial_error": str(silent)}

    def show_list(self, **kwargs: Any) -> HttpResponse:
        rows = list(services.filters_of(self.owner))
        waiting = set(forwards.targets_of(rows))
        waiting -= forwards.live(self.owner, waiting) if waiting else set()
        listed = [
            {
                "row": row,
                "conditions": words.conditions_words(row),
                "actions": words.actions_words(row, waiting),
                "edit_url": self.url("filter", row.pk),
                "move_url": self.url("filter-move", row.pk),
                "switch_url": self.url("filter-switch", row.pk),
                "delete_url": self.url("filter-delete", row.pk),
            }
            for row in rows
        ]
        context = self.frame(listed=listed, status=statuses([self.key]).get(self.key), **kwargs)
        return render(self.request, "mailboxes/filters/list.html", context)

    def show_builder(
        self, builder: Builder, row: Filter | None, *, status: int = 200, **kwargs: Any
    ) -> HttpResponse:
        context = self.frame(builder=builder, form=builder.form, row=row, **kwargs)
        return render(self.request, "mailboxes/filters/edit.html", context, status=status)

    def folders(self) -> dict[str, Any]:
        return live.folders(self.owner)


class _List(_Filters):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show_list(**live.own_script(self.owner))


class _Test(_Filters):
    """POST: it asks much of the node, and is no page to come back to."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return redirect(self.url("filters"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = list(services.filters_of(self.owner).filter(enabled=True))
        return self.show_list(**self.tried(rows), **live.own_script(self.owner))


class _Edit(_Filters):
    """A new filter, or one that is there. Its buttons: one more row, test, save."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        known = self.folders()
        return self.show_builder(Builder(row=self.row, folders=known["folders"]), self.row, **known)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row, known = self.row, self.folders()
        builder = Builder(request.POST, folders=known["folders"])
        do = request.POST.get("do", "save")
        if do in ADD:
            builder.add(ADD[do])
            return self.show_builder(builder, row, **known)
        if builder.is_valid():
            try:
                if do == "test":
                    return self.show_builder(builder, row, **known, **self._tried(builder, row))
                services.filter_save(actor=request.user, owner=self.owner, row=row, **builder.values())
            except Refused as refused:
                builder.refuse(refused)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.url("filters"))
        return self.show_builder(builder, row, status=422, **known)

    def _tried(self, builder: Builder, row: Filter | None) -> dict[str, Any]:
        """This filter alone, as it is on the page."""
        values = builder.values()
        found = services.checked(
            name=values["name"],
            match=values["match"],
            conditions=values["conditions"],
            actions=values["actions"],
        )
        return self.tried([MailboxFilter(position=row.position if row else 1, **found)])


class _Move(_Filters):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.filter_move(actor=request.user, row=self.one, up=request.POST.get("up") == "1")
        return redirect(self.url("filters"))


class _Switch(_Filters):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.filter_switch(actor=request.user, row=self.one, enabled=request.POST.get("on") == "1")
        return redirect(self.url("filters"))


class _Delete(_Filters):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = self.frame(row=self.one, conditions=words.conditions_words(self.one))
        return render(request, "mailboxes/filters/delete.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.filter_delete(actor=request.user, row=self.one)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": self.one.name})
        return redirect(self.url("filters"))


class _OfMailbox(EitherPage, _Filters):
    tab = "filters"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.begin(self.mailbox)


class _OfDomain(DomainPage, _Filters):
    right = Right.MANAGE

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.begin(self.mail_domain)

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"domain-{name}", args=[self.domain.name, *args])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        common = {"nav": "filters", "base_template": "mailboxes/filters/domain_base.html", "own": None}
        return super().get_context_data(**common | kwargs)


class FiltersPage(_OfMailbox, _List): ...


class FiltersTest(_OfMailbox, _Test): ...


class FilterEdit(_OfMailbox, _Edit): ...


class FilterMove(_OfMailbox, _Move): ...


class FilterSwitch(_OfMailbox, _Switch): ...


class FilterDelete(_OfMailbox, _Delete): ...


class DomainFilters(_OfDomain, _List): ...


class DomainFiltersTest(_OfDomain, _Test): ...


class DomainFilterEdit(_OfDomain, _Edit): ...


class DomainFilterMove(_OfDomain, _Move): ...


class DomainFilterSwitch(_OfDomain, _Switch): ...


class DomainFilterDelete(_OfDomain, _Delete): ...


class OwnScriptOff(_OfMailbox):
    """The script that the user uploaded runs no longer."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            live.own_script_off(actor=request.user, mailbox=self.mailbox)
        except NodeSilent as silent:
            messages.error(request, str(silent))
        else:
            messages.success(request, _("The uploaded script is off. It is still stored with your scripts."))
        return redirect(self.url("filters"))
