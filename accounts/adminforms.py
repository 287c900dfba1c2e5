"""The forms of the provider's desk. A service saves each; what it refuses becomes the field's error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clients, services
from accounts.clients import plans
from accounts.limits import limits_of
from accounts.models import Account, Plan, SignInRules, User
from accounts.models.limits import LIMITS
from accounts.signin import rules
from lib.errors import Refused
from lib.twice import NotTwice

if TYPE_CHECKING:
    _UserModelForm = forms.ModelForm[User]
    _AccountModelForm = forms.ModelForm[Account]
    _PlanModelForm = forms.ModelForm[Plan]
    _RulesModelForm = forms.ModelForm[SignInRules]
    from django.db.models import Model
else:  # Django's own class takes no parameters
    _UserModelForm = _AccountModelForm = _PlanModelForm = _RulesModelForm = forms.ModelForm

_PASSWORD = forms.CharField(
    label=_("password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
)

_SURE = forms.BooleanField(label=_("Save it even if somebody has more than that"), required=False)
_OVER_SHOWN = 10
_POOL = _(
    "New domains of this plan go to the mail servers of this pool, existing ones stay. Empty: to those in no "
    "pool; for a reseller’s plan, to those of the reseller’s own plan."
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


class RulesForm(Served, _RulesModelForm):
    roles = forms.MultipleChoiceField(
        label=_("need a second step"),
        choices=SignInRules.NEEDED,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = SignInRules
        fields = ["roles"]

    def serve(self) -> SignInRules:
        return rules.rules_set(actor=self.actor, roles=self.cleaned_data["roles"])


class WithPlan:
    """An account's limits are its plan's; without one they are its own, as typed."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    instance: Any

    def plans_offered(self, reseller: Account | None) -> None:
        """Only those of whoever the account stands below can be chosen."""
        plan = self.fields["plan"]
        if isinstance(plan, forms.ModelChoiceField):
            plan.queryset = Plan.objects.filter(reseller=reseller).order_by("name")
            plan.empty_label = gettext("none: the limits below are its own")

    def limits(self) -> dict[str, Any]:
        """What of the form the service gets as limits."""
        if self.cleaned_data.get("plan"):
            return {}
        return {name: self.cleaned_data[name] for name in LIMITS}


class Over:
    """Asks once more before somebody has more than they may have."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def over_check(self, reseller: Account | None, accounts: list[Account], values: dict[str, Any]) -> None:
        """Raises Refused with who would be over, unless ``sure`` is ticked."""
        if self.cleaned_data.pop("sure", False):
            return
        over = plans.preview(reseller, accounts, values).over
        if over:
            lines = "; ".join(f"{found.account.name}: {found.words}" for found in over[:_OVER_SHOWN])
            text = ngettext(
                "%(n)d limit would be below what is used (%(lines)s). Nothing is taken away, but nothing "
                "more fits. Tick the last box to save it all the same.",
                "%(n)d limits would be below what is used (%(lines)s). Nothing is taken away, but nothing "
                "more fits. Tick the last box to save it all the same.",
                len(over),
            )
            raise Refused(text % {"n": len(over), "lines": lines}, "sure")


class NewAccountForm(NotTwice, WithPlan, Served, _AccountModelForm):
    owner_name = forms.CharField(label=_("owner’s name"), max_length=120)
    owner_email = forms.EmailField(label=_("owner’s e-mail address"))
    password = _PASSWORD

    class Meta:
        model = Account
        fields = ["name", "kind", "reseller", "plan", *LIMITS, "trusted", "oversell"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reseller = self.fields["reseller"]
        if isinstance(reseller, forms.ModelChoiceField):
            reseller.queryset = Account.objects.filter(kind=Account.Kind.RESELLER).order_by("name")
        self.fields["plan"].required = False
        for name in LIMITS:
            self.fields[name].required = False

    def serve(self) -> Account:
        values = {name: value for name, value in self.cleaned_data.items() if name not in LIMITS}
        typed = {name: value for name, value in self.limits().items() if value is not None}
        return services.account_create(actor=self.actor, **values, **typed)


class AccountForm(NotTwice, WithPlan, Over, Served, _AccountModelForm):
    sure = _SURE

    class Meta:
        model = Account
        fields = ["name", "plan", *LIMITS, "trusted", "oversell"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans_offered(self.instance.reseller)
        self.before = self.instance.plan_id, limits_of(self.instance)

    def serve(self) -> Account:
        account = Account.objects.select_related("reseller", "plan").get(pk=self.instance.pk)
        plan, typed = self.cleaned_data["plan"], {name: self.cleaned_data[name] for name in LIMITS}
        # Another plan brings its limits; limits typed over those of the plan are the account's own.
        own = typed if (plan.pk if plan else None) == self.before[0] and typed != self.before[1] else {}
        values = limits_of(plan) if plan and not own else typed
        self.over_check(account.reseller, [account], values)
        return clients.account_set(
            actor=self.actor,
            account=account,
            name=self.cleaned_data["name"],
            plan=plan if not own else None,
            trusted=self.cleaned_data["trusted"],
            oversell=self.cleaned_data["oversell"],
            **(values if not plan or own else {}),
        )


class NewPlanForm(NotTwice, Served, _PlanModelForm):
    class Meta:
        model = Plan
        fields = ["name", "reseller", "pool", *LIMITS]
        help_texts = {"pool": _POOL}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reseller = self.fields["reseller"]
        if isinstance(reseller, forms.ModelChoiceField):
            reseller.queryset = Account.objects.filter(kind=Account.Kind.RESELLER).order_by("name")
            reseller.empty_label = gettext("the provider")
            reseller.label = gettext("offered by")

    def serve(self) -> Plan:
        return plans.plan_create(actor=self.actor, **self.cleaned_data)


class PlanForm(NotTwice, Over, Served, _PlanModelForm):
    sure = _SURE

    class Meta:
        model = Plan
        fields = ["name", "pool", *LIMITS]
        help_texts = {"pool": _POOL}

    def serve(self) -> Plan:
        plan = Plan.objects.select_related("reseller").get(pk=self.instance.pk)
        values = {name: self.cleaned_data[name] for name in LIMITS}
        self.over_check(plan.reseller, list(plan.accounts.all()), values)
        named = {name: self.cleaned_data[name] for name in ("name", "pool")}
        return plans.plan_set(actor=self.actor, plan=plan, **named, **values)
