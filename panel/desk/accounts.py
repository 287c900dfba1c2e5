"""Accounts: resellers with their clients, what they use of what they may, suspended and deleted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import clients
from accounts.admin import ThroughServices
from accounts.adminforms import AccountForm, NewAccountForm
from accounts.limits.wording import amount
from accounts.models import Account, Membership
from lib.templatetags.ui import when
from panel.desk.figures import TREE, USES, as_tree, near_of, with_clients, with_uses
from panel.desk.suspending import SuspendAction

if TYPE_CHECKING:
    _AccountAdmin = admin.ModelAdmin[Account]
    _Members = admin.TabularInline[Membership, Account]
else:  # Django's own classes take no parameters
    _AccountAdmin, _Members = admin.ModelAdmin, admin.TabularInline


class Members(_Members):
    model = Membership
    extra = 0
    can_delete = False
    fields = readonly_fields = ("user", "role", "all_domains", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False


class TreeFilter(admin.SimpleListFilter):
    """Without a choice: the first level, or everything while something is searched or filtered. A number: one
    reseller and its clients."""

    title = _("level")
    parameter_name = "below"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = request.GET.get("below", "")
        one = Account.objects.filter(pk=int(chosen)).first() if _is_key(chosen) else None
        return [("all", _("All, clients below their reseller")), *([(chosen, one.name)] if one else [])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        value = self.value() or ""
        if _is_key(value):
            return queryset.filter(Q(pk=int(value)) | Q(reseller=int(value)))
        narrowed = any(name not in {"p", "o", "e"} and text for name, text in request.GET.items())
        return queryset if value == "all" or narrowed else queryset.filter(reseller__isnull=True)


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("near", _("Near a limit, or at it")),
            ("suspended", _("Suspended")),
            ("deleted", _("Deleted, still kept")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "near":
            return queryset.filter(near=1, deleted_at__isnull=True)
        if self.value() == "suspended":
            return queryset.filter(Q(no_sign_in=True) | Q(no_receive=True) | Q(no_send=True))
        return queryset.filter(deleted_at__isnull=False) if self.value() == "deleted" else queryset


@admin.register(Account)
class AccountAdmin(ThroughServices, SuspendAction, _AccountAdmin):
    list_display = ["tree", "kind", "plan", "domains", "mailboxes", "storage", "state"]
    list_display_links = None
    list_filter = [TreeFilter, StateFilter, "kind", "trusted", "oversell"]
    list_select_related = ["reseller", "plan"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["name", "members__email", "domains__name"]
    form_new = NewAccountForm
    form_set = AccountForm
    inlines = [Members]
    actions = ["suspend_chosen", "resume_chosen", "restore_chosen"]

    def get_inlines(self, request: HttpRequest, obj: Account | None) -> list[Any]:
        return [Members] if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return as_tree(with_clients(with_uses(Account.objects.all())))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return TREE

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        return ["standing"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> Any:
        fields = list(super().get_fields(request, obj))
        return ["standing", *fields] if obj else fields

    @admin.display(description=_("name"), ordering="root")
    def tree(self, account: Any) -> SafeString:
        """Clients stand in from the edge, below their reseller; a reseller opens."""
        link = format_html(
            '<a href="{}">{}</a>', reverse("admin:accounts_account_change", args=[account.pk]), account.name
        )
        if account.depth:
            above = format_html('<span class="quiet">{}</span>', account.reseller.name)
            return format_html('<span class="below">{}<br>{}</span>', link, above)
        if not account.below:
            return link
        text = ngettext("%(n)s client", "%(n)s clients", account.below) % {"n": account.below}
        return format_html('{}<br><a class="quiet" href="?below={}">{}</a>', link, account.pk, text)

    @admin.display(description=_("domains"), ordering="use_domains")
    def domains(self, account: Any) -> SafeString:
        return _of(account, "max_domains")

    @admin.display(description=_("mailboxes"), ordering="use_mailboxes")
    def mailboxes(self, account: Any) -> SafeString:
        return _of(account, "max_mailboxes")

    @admin.display(description=_("storage given out"), ordering="use_storage")
    def storage(self, account: Any) -> SafeString:
        return _of(account, "storage_mb")

    @admin.display(description=_("state"), ordering="suspended_at")
    def state(self, account: Any) -> SafeString | str:
        if account.deleted_at:
            return format_html('<span class="bad">{}</span> {}', _t("Deleted"), when(account.deleted_at))
        if account.is_suspended:
            return format_html('<span class="bad">{}</span> {}', _t("Suspended"), account.suspended_reason)
        return _t("In order")

    @admin.display(description=_("now"))
    def standing(self, account: Any) -> SafeString:
        """What a change should know: state, use, whose it is, and where it lives in the panel."""
        lines = [(self.state(account), "")]
        if account.is_suspended:
            who = account.suspended_by or account.suspended_from
            lines.append((_t("Suspended by"), f"{who}, {when(account.suspended_at)}"))
        if account.reseller:
            lines.append((_t("Client of"), account.reseller.name))
        lines += [(near.limit, near.text) for near in near_of(account)]
        pages = [("client", _t("Its page in the panel"))]
        if not account.deleted_at:
            pages.append(("client-act", _t("Act for it…")))
        links = [(reverse(name, args=[account.pk]), text) for name, text in pages]
        lines.append((format_html_join(" · ", '<a href="{}">{}</a>', links), ""))
        return format_html_join("", "<div>{} {}</div>", lines)

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Suspend…"), permissions=["change"])
    def suspend_chosen(self, request: HttpRequest, queryset: QuerySet[Account]) -> HttpResponse | None:
        return self.ask_to_suspend(request, queryset, "suspend_chosen")

    @admin.action(description=_("Let work again"), permissions=["change"])
    def resume_chosen(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self.resume_all(request, queryset)

    @admin.action(description=_("Bring back the deleted"), permissions=["change"])
    def restore_chosen(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self.each(
            request,
            queryset,
            lambda account: clients.account_restore(actor=request.user, account=account),
            lambda n: ngettext("%(n)d account is back.", "%(n)d accounts are back.", n) % {"n": n},
        )


def _of(account: Any, limit: str) -> SafeString:
    now, most = getattr(account, USES[limit]), getattr(account, limit)
    css = "full" if now > most else "near" if now * 100 >= most * 85 and now else ""
    text = _t("%(now)s of %(most)s") % {
        "now": amount(limit, now, bare=True),
        "most": amount(limit, most, bare=True),
    }
    return format_html('<span class="use {}">{}</span>', css, text)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
