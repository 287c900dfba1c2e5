"""Pages about sending limits."""

from django.urls import path

from mailboxes.sending.views import DomainSending, MailboxSending
from mailboxes.views.either import either

urlpatterns = [
    path("domains/<mail_domain:name>/sending/", DomainSending.as_view(), name="domain-sending"),
    *either("sending/", MailboxSending.as_view(), "sending"),
]
