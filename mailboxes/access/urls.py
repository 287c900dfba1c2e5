"""App passwords, sender identities and protocols of a mailbox; sign-ins of a domain's websites."""

from django.urls import path

from mailboxes.access import views
from mailboxes.access import website_views as sites
from mailboxes.views.either import either

_SITES = "domains/<mail_domain:name>/websites/"
_SITE = f"{_SITES}<int:website>/"

urlpatterns = [
    *either("app-passwords/", views.AppPasswords.as_view(), "app-passwords"),
    *either("app-passwords/new/", views.AppPasswordNew.as_view(), "app-password-new"),
    *either("app-passwords/<int:app>/revoke/", views.AppPasswordRevoke.as_view(), "app-password-revoke"),
    *either("identities/", views.Identities.as_view(), "identities"),
    *either("identities/<int:identity>/remove/", views.IdentityRemove.as_view(), "identity-remove"),
    *either("protocols/", views.Protocols.as_view(), "protocols"),
    path(_SITES, sites.Websites.as_view(), name="websites"),
    path(f"{_SITES}new/", sites.WebsiteNew.as_view(), name="website-new"),
    path(_SITE, sites.Website.as_view(), name="website"),
    path(f"{_SITE}change/", sites.WebsiteChange.as_view(), name="website-change"),
    path(f"{_SITE}renew/", sites.WebsiteRenew.as_view(), name="website-renew"),
    path(f"{_SITE}revoke/", sites.WebsiteRevoke.as_view(), name="website-revoke"),
    path(f"{_SITE}test/", sites.WebsiteTest.as_view(), name="website-test"),
]
