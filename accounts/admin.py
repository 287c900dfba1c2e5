"""People, accounts and domains at the provider's desk; every change is a service's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.adminforms import AccountForm, NewAccountForm, NewUserForm, UserForm
from accounts.models import Account, Domain, Membership, User

if TYPE_CHECKING:
    _UserAdmin = admin.ModelAdmin[User]
    _AccountAdmin = admin.ModelAdmin[Account]
    _DomainAdmin = admin.ModelAdmin[Domain]
    _KeyAdmin = admin.ModelAdmin[Authenticator]
    _Members = admin.TabularInline[Membership, Account]
else:  # Django's own classes take no parameters
    _UserAdmin = _AccountAdmin = _DomainAdmin = _KeyAdmin = admin.ModelAdmin
    _Members = admin.TabularInline

for model in (Authenticator, EmailAddress, Group):  # theirs would show secrets, and go around our services
    admin.site.unregister(model)


class ThroughServices:
    """Forms that end in a service; what it refuses is a form error and nothing is written."""

    form_new: type[forms.ModelForm[Any]]
    form_set: type[forms.ModelForm[Any]]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        base = self.form_set if change else self.form_new
        return type(base.__name__, (base,), {"actor": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return list((self.form_set if obj else self.form_new).base_fields)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form's clean has done it, in admin's own transaction; ``obj`` is what came of it."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are switched off, accounts emptied, domains deleted on their own page."""
        return False


@admin.register(User)
class UserAdmin(ThroughServices, _UserAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    form_new = NewUserForm
    form_set = UserForm


class Members(_Members):
    model = Membership
    extra = 0
    can_delete = False
    readonly_fields = ["user", "role"]

    def has_add_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(ThroughServices, _AccountAdmin):
    list_display = ["name", "kind", "reseller", "storage_mb", "max_mailboxes", "max_domains", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["reseller"]
    search_fields = ["name", "members__email"]
    ordering = ["name"]
    form_new = NewAccountForm
    form_set = AccountForm
    inlines = [Members]

    def get_inlines(self, request: HttpRequest, obj: Account | None) -> list[Any]:
        return [Members] if obj else []


@admin.register(Domain)
class DomainAdmin(_DomainAdmin):
    """To look at and to find; a domain is added and deleted in the panel, with its zone and its mail."""

    list_display = ["display_name", "account", "created_at", "page"]
    list_select_related = ["account"]
    search_fields = ["name", "display_name", "account__name"]
    ordering = ["name"]
    readonly_fields = ["account", "name", "display_name", "created_at", "page"]

    @admin.display(description=_("in the panel"))
    def page(self, domain: Domain) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("domain-overview", args=[domain.name]), domain.display_name
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Domain | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Domain | None = None) -> bool:
        return False


@admin.register(Authenticator)
class SecondStepAdmin(_KeyAdmin):
    """For who lost phone and recovery codes: taking a second step away lets the password alone in again."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]
    readonly_fields = ["user", "type", "created_at", "last_used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return False
