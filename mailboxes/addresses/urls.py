"""Forwarders of a domain, and of a mailbox."""

from django.urls import path

from mailboxes.addresses import domain_views, views
from mailboxes.views.either import either

_ALL = "domains/<mail_domain:name>/forwarders/"
_ONE = f"{_ALL}<mail_local:local>/"

urlpatterns = [
    path(_ALL, views.AliasList.as_view(), name="forwarders"),
    path(f"{_ALL}new/", views.AliasNew.as_view(), name="forwarder-new"),
    path(f"{_ALL}bulk/", views.AliasBulk.as_view(), name="forwarders-bulk"),
    path(_ONE, views.AliasPage.as_view(), name="forwarder"),
    path(f"{_ONE}delete/", views.AliasDelete.as_view(), name="forwarder-delete"),
    path(f"{_ONE}ask/", views.AliasAsk.as_view(), name="forwarder-ask"),
    path("domains/<mail_domain:name>/catch-all/", domain_views.CatchAllPage.as_view(), name="catch-all"),
    path("domains/<mail_domain:name>/aliases/", domain_views.DomainAliases.as_view(), name="domain-aliases"),
    path("forwarding/confirm/<str:token>/", views.confirm, name="forward-confirm"),
    *either("forwarding/", views.MailboxForwarding.as_view(), "forwarding"),
]
