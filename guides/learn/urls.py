"""Learn: for everybody, below a domain, and for a mailbox's own user."""

from django.urls import path

from guides.learn import views
from guides.learn.scope import ALL, DOMAIN, OWN

PLACES = ((ALL, "learn/"), (DOMAIN, "domains/<mail_domain:name>/learn/"), (OWN, "mailbox/learn/"))

urlpatterns = [
    path("learn/helpful/", views.helpful, name="helpful"),
    path("mailbox/learn/helpful/", views.helpful, name="own-helpful"),
    *(path(where, views.Index.as_view(kind=kind), name=kind) for kind, where in PLACES),
    *(
        path(f"{where}glossary/", views.Glossary.as_view(kind=kind), name=f"{kind}-glossary")
        for kind, where in PLACES
    ),
    *(path(f"{where}which/", views.Which.as_view(kind=kind), name=f"{kind}-which") for kind, where in PLACES),
    *(
        path(f"{where}<slug:slug>/", views.ArticlePage.as_view(kind=kind), name=f"{kind}-article")
        for kind, where in PLACES
    ),
]
