"""What happens around every request, one matter a file."""

from panel.middleware.acting import ActingMiddleware
from panel.middleware.gate import GateMiddleware
from panel.middleware.history import HistoryMiddleware
from panel.middleware.host import HostMiddleware, RealmMiddleware
from panel.middleware.language import LanguageMiddleware, ReaderLanguageMiddleware
from panel.middleware.nul import NulMiddleware
from panel.middleware.private import PrivateMiddleware
from panel.middleware.proxy import ProxyMiddleware
from panel.middleware.seen import SeenMiddleware
from panel.middleware.tries import TriesMiddleware
from panel.middleware.verbs import VerbsMiddleware

__all__ = [
    "ActingMiddleware",
    "GateMiddleware",
    "HistoryMiddleware",
    "HostMiddleware",
    "LanguageMiddleware",
    "NulMiddleware",
    "PrivateMiddleware",
    "ProxyMiddleware",
    "ReaderLanguageMiddleware",
    "RealmMiddleware",
    "SeenMiddleware",
    "TriesMiddleware",
    "VerbsMiddleware",
]
