"""Every address of the panel. Each app owns what lies below its line."""

from django.contrib import admin
from django.urls import include, path

from panel import errors, health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("domains/new/", views.domain_add, name="domain-add"),
    path("domains/<str:name>/", views.domain_overview, name="domain-overview"),
    path("domains/<str:name>/delete/", views.domain_delete, name="domain-delete"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("", include("accounts.urls")),
    path("", include("provision.urls")),
    path("", include("dnszone.urls")),
    path("", include("mailboxes.urls")),
    path("", include("delivery.urls")),
    path("", include("guides.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
