"""Mailboxes of a domain."""

from django.urls import include, path, register_converter

from mailboxes import views
from mailboxes.bulk import views as many
from mailboxes.converters import DomainConverter, LocalConverter
from mailboxes.moving.views import MailboxRename
from mailboxes.routing import views as routing
from mailboxes.views.own import badge, own

register_converter(DomainConverter, "mail_domain")
register_converter(LocalConverter, "mail_local")

_ALL = "domains/<mail_domain:name>/mailboxes/"
_ONE = f"{_ALL}<mail_local:local>/"

urlpatterns = [
    path("", include("mailboxes.sending.urls")),
    path("", include("mailboxes.storage.urls")),
    path("", include("mailboxes.spam.urls")),
    path("", include("mailboxes.autoresponder.urls")),
    path("", include("mailboxes.filters.urls")),
    path("", include("mailboxes.compromise.urls")),
    path("", include("mailboxes.access.urls")),
    path("", include("mailboxes.addresses.urls")),
    path("", include("mailboxes.mailimport.urls")),
    path("mailbox/", own, name="own"),
    path("mailbox/badge/", badge, name="own-badge"),
    path("domains/<str:name>/routing/", routing.page, name="routing"),
    path("domains/<str:name>/routing/set/", routing.choose, name="routing-set"),
    path("domains/<str:name>/routing/look/", routing.look, name="routing-look"),
    path(_ALL, views.MailboxList.as_view(), name="mailboxes"),
    path(f"{_ALL}new/", views.MailboxNew.as_view(), name="mailbox-new"),
    path(f"{_ALL}bulk/", views.MailboxBulk.as_view(), name="mailboxes-bulk"),
    path(f"{_ALL}import/", many.BulkNew.as_view(), name="mailboxes-import"),
    path(f"{_ALL}import/<int:bulk>/", many.BulkPage.as_view(), name="mailboxes-import-one"),
    path(f"{_ALL}import/<int:bulk>/columns/", many.BulkColumns.as_view(), name="mailboxes-import-columns"),
    path(f"{_ALL}import/<int:bulk>/confirm/", many.BulkConfirm.as_view(), name="mailboxes-import-confirm"),
    path(f"{_ALL}import/<int:bulk>/discard/", many.BulkDiscard.as_view(), name="mailboxes-import-discard"),
    path(f"{_ALL}import/<int:bulk>/bad/", many.BulkBad.as_view(), name="mailboxes-import-bad"),
    path(_ONE, views.MailboxPage.as_view(), name="mailbox"),
    path(f"{_ONE}password/", views.MailboxPassword.as_view(), name="mailbox-password"),
    path(f"{_ONE}quota/", views.MailboxQuota.as_view(), name="mailbox-quota"),
    path(f"{_ONE}suspend/", views.MailboxSuspend.as_view(), name="mailbox-suspend"),
    path(f"{_ONE}resume/", views.MailboxResume.as_view(), name="mailbox-resume"),
    path(f"{_ONE}rename/", MailboxRename.as_view(), name="mailbox-rename"),
    path(f"{_ONE}delete/", views.MailboxDelete.as_view(), name="mailbox-delete"),
    path(f"{_ONE}restore/", views.MailboxRestore.as_view(), name="mailbox-restore"),
]
