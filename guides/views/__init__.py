"""Pages of Connect Devices."""

from guides.views.guide import ConnectGuide
from guides.views.pick import ConnectPick
from guides.views.programs import Connect

__all__ = ["Connect", "ConnectGuide", "ConnectPick"]
