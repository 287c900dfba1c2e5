"""A person's own pages and the team's; signing in is allauth's, below /accounts/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("theme/", views.theme, name="theme"),
    path("team/", views.team, name="team"),
    path("team/invite/", views.team_invite, name="team-invite"),
    path("team/<int:member>/", views.team_change, name="team-change"),
    path("team/<int:member>/remove/", views.team_remove, name="team-remove"),
    path("team/invitations/<int:asked>/resend/", views.invitation_resend, name="invitation-resend"),
    path("team/invitations/<int:asked>/revoke/", views.invitation_revoke, name="invitation-revoke"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
