"""Import of mail, export, restore, and what is done with any long work."""

from django.urls import path

from mailboxes.archives import nodes
from mailboxes.archives import views as archives
from mailboxes.mailimport import views
from mailboxes.views.either import either

urlpatterns = [
    *either("import/", views.ImportPage.as_view(), "import"),
    *either("jobs/<str:ident>/", views.JobAct.as_view(), "job"),
    *either("archives/", archives.ArchivesPage.as_view(), "archives"),
    *either("archives/restore/", archives.restore, "archives-restore"),
    *either("archives/<str:ident>/", archives.ArchiveFile.as_view(), "archive"),
    path("domains/<mail_domain:name>/import-mail/", views.ImportMany.as_view(), name="import-mail"),
    path("archives/v1/<str:ident>/", nodes.archive, name="archive-node"),
]
