"""A person's own pages, the team's, and the page behind an invitation's link."""

from accounts.views.invitations import invitation
from accounts.views.profile import profile, theme
from accounts.views.team import (
    invitation_resend,
    invitation_revoke,
    team,
    team_change,
    team_invite,
    team_remove,
)

__all__ = [
    "invitation",
    "invitation_resend",
    "invitation_revoke",
    "profile",
    "team",
    "team_change",
    "team_invite",
    "team_remove",
    "theme",
]
