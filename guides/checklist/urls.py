"""The security check."""

from django.urls import path

from guides.checklist import views
from mailboxes.views.either import either

urlpatterns = [
    path("domains/<mail_domain:name>/security-check/", views.DomainChecklist.as_view(), name="checklist"),
    *either("security-check/", views.MailboxChecklist.as_view(), "checklist"),
]
