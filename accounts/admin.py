"""People at the provider's desk; every change is a service's. Accounts and domains, whose numbers come from
apps above, are in panel.desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.adminforms import NewUserForm, RulesForm, UserForm
from accounts.models import SignInRules, User

if TYPE_CHECKING:
    _UserAdmin = admin.ModelAdmin[User]
    _KeyAdmin = admin.ModelAdmin[Authenticator]
    _RulesAdmin = admin.ModelAdmin[SignInRules]
else:  # Django's own classes take no parameters
    _UserAdmin = _KeyAdmin = _RulesAdmin = admin.ModelAdmin

# Theirs would show secrets (the key of a session is a sign-in), and go around our services.
for model in (Authenticator, EmailAddress, Group, UserSession):
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


@admin.register(Authenticator)
class SecondStepAdmin(_KeyAdmin):
    """For who lost phone and recovery codes: taking a second step away lets the password alone in again."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]
    readonly_fields = ["user", "type", "created_at", "last_used_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Authenticator]:
        """Nobody takes a step away from somebody above: those with all rights are theirs to look after."""
        rows = super().get_queryset(request)
        everybody = getattr(request.user, "is_superuser", False)
        return rows if everybody else rows.filter(user__is_superuser=False)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return False


@admin.register(SignInRules)
class SignInRulesAdmin(ThroughServices, _RulesAdmin):
    """The one row; made when it is first saved."""

    list_display = ["__str__", "asked_of"]
    form_new = form_set = RulesForm

    @admin.display(description=_("need a second step"))
    def asked_of(self, rules: SignInRules) -> str:
        words = dict(SignInRules.NEEDED)
        return ", ".join(str(words[role]) for role in rules.roles) or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SignInRules.objects.exists()
