"""The forms of the provider's desk. A service saves each; what it refuses becomes the field's error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import Account, User
from lib.errors import Refused

if TYPE_CHECKING:
    _UserModelForm = forms.ModelForm[User]
    _AccountModelForm = forms.ModelForm[Account]
    from django.db.models import Model
else:  # Django's own class takes no parameters
    _UserModelForm = _AccountModelForm = forms.ModelForm

_PASSWORD = forms.CharField(
    label=_("password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
)


class Served:
    """Mixed into a ModelForm: validation ends in the service. Admin holds one transaction around it."""

    actor: ClassVar[User]
    instance: Any
    cleaned_data: dict[str, Any]

    def _post_clean(self) -> None:
        if self.errors:  # type: ignore[attr-defined]  # a form has them
            return
        try:
            self.instance = self.serve()
        except Refused as refused:
            field = refused.field if refused.field in self.cleaned_data else None
            self.add_error(field, refused.message)  # type: ignore[attr-defined]

    def serve(self) -> Model:
        raise NotImplementedError


class NewUserForm(Served, _UserModelForm):
    password = _PASSWORD

    class Meta:
        model = User
        fields = ["email", "name", "password", "is_staff"]

    def serve(self) -> User:
        return services.user_create(actor=self.actor, **self.cleaned_data)


class UserForm(Served, _UserModelForm):
    class Meta:
        model = User
        fields = ["name", "is_active", "is_staff", "is_superuser"]

    def serve(self) -> User:
        return services.user_set(actor=self.actor, user=self.instance, **self.cleaned_data)


class NewAccountForm(Served, _AccountModelForm):
    owner_name = forms.CharField(label=_("owner’s name"), max_length=120)
    owner_email = forms.EmailField(label=_("owner’s e-mail address"))
    password = _PASSWORD

    class Meta:
        model = Account
        fields = ["name", "kind", "reseller", "storage_mb", "max_mailboxes", "max_domains"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reseller = self.fields["reseller"]
        if isinstance(reseller, forms.ModelChoiceField):
            reseller.queryset = Account.objects.filter(kind=Account.Kind.RESELLER)

    def serve(self) -> Account:
        return services.account_create(actor=self.actor, **self.cleaned_data)


class AccountForm(Served, _AccountModelForm):
    class Meta:
        model = Account
        fields = ["name", "storage_mb", "max_mailboxes", "max_domains"]

    def serve(self) -> Account:
        return services.account_set(actor=self.actor, account=self.instance, **self.cleaned_data)
