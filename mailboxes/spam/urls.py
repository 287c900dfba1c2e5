"""Addresses of the pages about spam."""

from django.urls import path

from mailboxes.spam import quarantine_views, views
from mailboxes.views.either import either

urlpatterns = [
    *either("spam/", views.SpamPage.as_view(), "spam"),
    *either("quarantine/", quarantine_views.QuarantinePage.as_view(), "quarantine"),
    path("domains/<mail_domain:name>/spam/", views.DomainSpamPage.as_view(), name="domain-spam"),
    path(
        "domains/<mail_domain:name>/quarantine/",
        quarantine_views.DomainQuarantinePage.as_view(),
        name="domain-quarantine",
    ),
    path(
        "domains/<mail_domain:name>/forwarders/<mail_local:local>/quarantine/",
        quarantine_views.ForwarderQuarantine.as_view(),
        name="forwarder-quarantine",
    ),
]
