"""Addresses of the pages about spam."""

from django.urls import path

from mailboxes.spam import views
from mailboxes.views.either import either

urlpatterns = [
    *either("spam/", views.SpamPage.as_view(), "spam"),
    *either("quarantine/", views.QuarantinePage.as_view(), "quarantine"),
    path("domains/<mail_domain:name>/spam/", views.DomainSpamPage.as_view(), name="domain-spam"),
    path(
        "domains/<mail_domain:name>/quarantine/",
        views.DomainQuarantinePage.as_view(),
        name="domain-quarantine",
    ),
]
