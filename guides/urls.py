"""Connect Devices: a mail program's settings, and how to get them into it."""

from django.urls import include, path

from guides import views
from guides.handing import public
from guides.handing import views as handing
from guides.support.views import Support
from guides.trying.views import ConnectTest
from guides.watching.views import Watch
from mailboxes.views.either import either

urlpatterns = [
    path("", include("guides.auto.urls")),
    path("", include("guides.checklist.urls")),
    path("", include("guides.learn.urls")),
    path("domains/<mail_domain:name>/connect/", views.ConnectPick.as_view(), name="connect"),
    *either("connect/", views.Connect.as_view(), "connect"),
    *either("connect/hand/", handing.Hand.as_view(), "connect-hand"),
    *either("connect/hand/share/", handing.Share.as_view(), "connect-share"),
    *either("connect/hand/share/end/", handing.ShareEnd.as_view(), "connect-share-end"),
    *either("connect/hand/send/", handing.Send.as_view(), "connect-send"),
    *either("connect/sheet/", handing.Sheet.as_view(), "connect-sheet"),
    *either("connect/sheet.pdf", handing.SheetPdf.as_view(), "connect-sheet-pdf"),
    path("share/<str:token>/", public.share_page, name="share"),
    path("share/<str:token>/<slug:program>/", public.share_guide, name="share-guide"),
    path("support/", Support.as_view(), name="support"),
    path("mailbox/support/", Support.as_view(own=True), name="own-support"),
    *either("connect/watch/", Watch.as_view(), "connect-watch"),
    *either("connect/test/", ConnectTest.as_view(), "connect-test"),
    # The last below connect/: every word that is no other page is a program.
    *either("connect/<slug:program>/", views.ConnectGuide.as_view(), "connect-guide"),
]
