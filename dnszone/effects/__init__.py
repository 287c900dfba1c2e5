"""What a change of records does, in words. Pure."""

from dnszone.effects.telling import Effect, Effects, effects, group_of, line

__all__ = ["Effect", "Effects", "effects", "group_of", "line"]
