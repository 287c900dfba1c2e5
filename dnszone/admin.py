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
from dnszone.models import Record, Zone

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
