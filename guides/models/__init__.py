"""What the guides keep. A module a subject."""

from guides.models.attempts import Attempt, What
from guides.models.votes import Vote

__all__ = ["Attempt", "Vote", "What"]
