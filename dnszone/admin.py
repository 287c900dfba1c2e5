"""The provider's desk: what each zone holds, and sending it again. Records are edited in the Zone Editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dnszone import services
from dnszone.blueprints import services as blueprints
from dnszone.models import Record, Zone, ZoneTemplate

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnly(_ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Zone)
class ZoneAdmin(ReadOnly):
    list_display = ["name", "account", "serial", "records", "editor"]
    search_fields = ["name"]
    list_select_related = ["domain__account"]
    ordering = ["name"]
    show_full_result_count = False
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Zone]:
        zones: QuerySet[Zone] = super().get_queryset(request)
        return zones.annotate(record_count=Count("records"))

    @admin.display(description=_("account"))
    def account(self, zone: Zone) -> str:
        return str(zone.domain.account) if zone.domain else str(_("the provider"))

    @admin.display(description=_("records"), ordering="record_count")
    def records(self, zone: Any) -> int:
        return int(zone.record_count)

    @admin.display(description=_("Zone Editor"))
    def editor(self, zone: Zone) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("zone", args=[zone.name]), _("Open"))

    @admin.action(description=_("Send again to the name servers"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Zone]) -> None:
        zones = list(queryset)
        for zone in zones:
            services.zone_push(actor=request.user, zone=zone)  # type: ignore[arg-type]  # signed in, or no admin
        text = ngettext("%(n)d zone is sent again.", "%(n)d zones are sent again.", len(zones)) % {
            "n": len(zones)
        }
        messages.success(request, text)


@admin.register(Record)
class RecordAdmin(ReadOnly):
    list_display = ["owner", "zone", "type", "ttl", "rdata", "managed"]
    list_filter = ["type", "managed"]
    list_select_related = ["zone"]
    search_fields = ["zone__name", "owner", "rdata"]
    show_full_result_count = False


@admin.register(ZoneTemplate)
class ZoneTemplateAdmin(ReadOnly):
    """Who has which; written and rolled out on the panel's own pages."""

    list_display = ["name", "kept_by", "is_default", "revision", "zones", "page"]
    list_filter = ["is_default"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__name"]
    actions = ["delete_chosen"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ZoneTemplate]:
        templates: QuerySet[ZoneTemplate] = super().get_queryset(request)
        return templates.annotate(zone_count=Count("uses"))

    @admin.display(description=_("kept by"), ordering="owner__name")
    def kept_by(self, template: ZoneTemplate) -> str:
        return str(template.owner or _("the provider"))

    @admin.display(description=_("zones made from it"), ordering="zone_count")
    def zones(self, template: Any) -> int:
        return int(template.zone_count)

    @admin.display(description=_("records"))
    def page(self, template: ZoneTemplate) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("zone-template", args=[template.pk]), _("Open"))

    @admin.action(description=_("Delete the chosen templates"), permissions=["delete"])
    def delete_chosen(self, request: HttpRequest, queryset: QuerySet[ZoneTemplate]) -> None:
        for template in list(queryset.select_related("owner")):
            blueprints.template_delete(actor=request.user, template=template)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("dnszone.delete_zonetemplate"))
