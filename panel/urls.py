"""Every address of the panel. Each app owns what lies below its line."""

from django.contrib import admin
from django.urls import include, path

from panel import errors, health, metrics, views

urlpatterns = [
    path("", views.home, name="home"),
    path("domains/new/", views.domain_add, name="domain-add"),
    path("domains/<str:name>/", views.or_proof(views.domain_overview), name="domain-overview"),
    path("domains/<str:name>/delete/", views.domain_delete, name="domain-delete"),
    path("domains/<str:name>/suspend/", views.domain_suspend, name="domain-suspend"),
    path("domains/<str:name>/resume/", views.domain_resume, name="domain-resume"),
    path("domains/<str:name>/proof/", views.domain_proof, name="domain-proof"),
    path("domains/<str:name>/proof/look/", views.domain_proof_look, name="domain-proof-look"),
    path("domains/<str:name>/proof/drop/", views.domain_proof_drop, name="domain-proof-drop"),
    path("domains/<str:name>/proof/accept/", views.domain_proof_accept, name="domain-proof-accept"),
    path("search/", views.search, name="search"),
    path("language/", views.language, name="language"),
    path("notices/", views.notices, name="notices"),
    path("", include("panel.clients.urls")),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("accounts.urls")),
    path("", include("provision.urls")),
    path("", include("dnszone.urls")),
    path("", include("panel.switching.urls")),
    path("", include("mailboxes.urls")),
    path("", include("panel.recent.urls")),
    path("", include("panel.undelivered.urls")),
    path("", include("delivery.urls")),
    path("", include("activity.urls")),
    path("", include("guides.urls")),
    path("", include("panel.signin.urls")),
    path("", include("panel.branding.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
