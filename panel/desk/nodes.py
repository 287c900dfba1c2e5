"""Nodes: what each is for and holds, how it does, and whether it takes new domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ThroughServices
from accounts.adminforms import Served
from lib.templatetags.ui import count, when
from mailboxes.models import MailDomain, TallyPart
from nodeagent import contract
from panel.desk.attention import NodeLine
from panel.desk.suspending import Each
from provision.models import Node, Push
from provision.placement import node_place, takes_new
from provision.selectors import silent

if TYPE_CHECKING:
    _NodeAdmin = admin.ModelAdmin[Node]
    _NodeModelForm = forms.ModelForm[Node]
else:  # Django's own classes take no parameter
    _NodeAdmin, _NodeModelForm = admin.ModelAdmin, forms.ModelForm


class PoolFilter(admin.SimpleListFilter):
    title = _("pool")
    parameter_name = "in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        pools = Node.objects.exclude(pool="").order_by("pool").values_list("pool", flat=True).distinct()
        return [("-", _("in no pool")), *((pool, pool) for pool in pools)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> QuerySet[Node]:
        value = (self.value() or "").replace("\0", "")
        return queryset.filter(pool="" if value == "-" else value) if value else queryset


class NodeForm(Served, _NodeModelForm):
    class Meta:
        model = Node
        fields = ["pool", "draining"]
        help_texts = {
            "pool": _("It takes new domains of plans that name this pool. Empty: of those that name none."),
            "draining": _("The domains that it has stay, and go on working."),
        }

    def serve(self) -> Node:
        return node_place(actor=self.actor, node=self.instance, **self.cleaned_data)


@admin.register(Node)
class NodeAdmin(Each, ThroughServices, _NodeAdmin):
    list_display = [
        "name", "where", "role_list", "pool", "takes_new", "domains", "mailboxes", "state", "failed",
        "waiting", "heard",
    ]  # fmt: skip
    list_filter = ["draining", PoolFilter]
    list_select_related = ["secondary_watch"]
    search_fields = ["name", "host", "pool"]
    ordering = ["name"]
    show_full_result_count = False
    form_new = form_set = NodeForm
    readonly_fields = (
        "name", "host", "role_list", "address_list", "port_list", "domains", "mailboxes", "state", "failed",
        "waiting", "last_report_at", "trouble", "created_at",
    )  # fmt: skip
    actions = ["drain", "undrain"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["pool", "draining", *self.readonly_fields]

    @admin.action(description=_("Give it no new domains"), permissions=["change"])
    def drain(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._drained(request, queryset, True)

    @admin.action(description=_("Give it new domains again"), permissions=["change"])
    def undrain(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._drained(request, queryset, False)

    def _drained(self, request: HttpRequest, nodes: QuerySet[Node], draining: bool) -> None:
        def done(n: int) -> str:
            if draining:
                text = ngettext(
                    "%(n)d node takes no new domains now. What it has stays; the list below undoes it.",
                    "%(n)d nodes take no new domains now. What they have stays; the list below undoes it.",
                    n,
                )
            else:
                text = ngettext(
                    "%(n)d node takes new domains again.", "%(n)d nodes take new domains again.", n
                )
            return text % {"n": n}

        self.each(
            request,
            nodes,
            lambda node: node_place(actor=request.user, node=node, draining=draining),
            done,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A node is invited at the panel's machine (``manage.py node invite``) and joins from its own."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Node]:
        """``n_domains n_boxes behind failing``, counted where each is kept."""
        behind = Push.objects.behind().filter(node=OuterRef("pk")).order_by().values("node")
        late = behind.annotate(n=Count("pk")).values("n")
        domains = MailDomain.objects.filter(node=OuterRef("pk")).order_by().values("node")
        boxes = TallyPart.objects.filter(mail_domain__node=OuterRef("pk")).order_by()
        return (
            super()
            .get_queryset(request)
            .annotate(
                n_domains=_number(domains.annotate(n=Count("pk")).values("n")),
                n_boxes=_number(boxes.values("mail_domain__node").annotate(n=Sum("boxes")).values("n")),
                behind=_number(late),
                failing=_number(late.exclude(last_error="")),
            )
        )

    @admin.display(description=_("host and addresses"), ordering="host")
    def where(self, node: Node) -> SafeString:
        addresses = ", ".join(node.addresses)
        return format_html('{}<br><span class="quiet">{}</span>', node.host, addresses)

    @admin.display(description=_("new domains"), ordering="draining")
    def takes_new(self, node: Node) -> str:
        if contract.ROLE_MAIL not in node.roles:
            return "–"
        if takes_new(node):
            return _t("yes")
        return _t("no, draining") if node.draining else _t("not yet")

    @admin.display(description=_("roles"))
    def role_list(self, node: Node) -> str:
        field: Any = Node._meta.get_field("roles")
        words = dict(field.base_field.choices)
        return ", ".join(str(words.get(role, role)) for role in node.roles)

    @admin.display(description=_("addresses"))
    def address_list(self, node: Node) -> str:
        return ", ".join(node.addresses) or "–"

    @admin.display(description=_("ports"))
    def port_list(self, node: Node) -> str:
        return ", ".join(f"{name} {node.ports[name]}" for name in sorted(node.ports)) or "–"

    @admin.display(description=_("domains"), ordering="n_domains")
    def domains(self, node: Any) -> SafeString | str:
        if not node.n_domains:
            return "0"
        url = f"{reverse('admin:accounts_domain_changelist')}?mail__node__id__exact={node.pk}"
        return format_html('<a href="{}">{}</a>', url, count(node.n_domains))

    @admin.display(description=_("mailboxes"), ordering="n_boxes")
    def mailboxes(self, node: Any) -> str:
        return count(node.n_boxes)

    @admin.display(description=_("last report"), ordering="last_report_at")
    def heard(self, node: Node) -> str:
        return when(node.last_report_at) if node.last_report_at else "–"

    @admin.display(description=_("behind"), ordering="behind")
    def waiting(self, node: Any) -> SafeString | str:
        return _pushes(node, "behind", node.behind)

    @admin.display(description=_("refused"), ordering="failing")
    def failed(self, node: Any) -> SafeString | str:
        return _pushes(node, "failed", node.failing)

    @admin.display(description=_("state"))
    def state(self, node: Any) -> SafeString | str:
        if contract.ROLE_SECONDARY in node.roles:
            line = NodeLine(node, 0, 0, away=False)
            return render_to_string("admin/desk/secondary.html", {"watch": line.watch, "line": line})
        lines = list(_states(node))
        return format_html_join("", '<div class="{}">{}</div>', lines) if lines else _t("In order")


def _states(node: Any) -> list[tuple[str, str]]:
    if not node.public_key:
        return [("", _t("Invited, has not joined yet"))]
    if node.trouble:
        return [("bad", _t("Its report was refused: %(why)s") % {"why": node.trouble})]
    if node.last_report_at is None:
        return [("", _t("Never reported"))]
    return [("bad", _t("Away: does not answer"))] if node.behind and silent(node) else []


def _pushes(node: Node, state: str, number: int) -> SafeString | str:
    url = f"{reverse('admin:provision_push_changelist')}?state={state}&node__id__exact={node.pk}"
    return format_html('<a href="{}">{}</a>', url, count(number)) if number else "0"


def _number(inner: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(inner, output_field=IntegerField()), 0)
