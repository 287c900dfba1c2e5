"""What the guides keep. A module a subject."""

from guides.models.attempts import Attempt, What
from guides.models.changes import Change, Told
from guides.models.scores import ScoreDay
from guides.models.shares import ShareLink
from guides.models.support import SupportRequest
from guides.models.votes import Vote

__all__ = ["Attempt", "Change", "ScoreDay", "ShareLink", "SupportRequest", "Told", "Vote", "What"]
