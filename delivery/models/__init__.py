"""Track Delivery: what the mail servers wrote down, and what it says about each message.

``Chunk`` keeps the raw lines. ``Message`` and ``Entry`` are folded from them: a message is one queue id's
life (or one refusal), an entry is what one domain may see of one of its recipients: the row of its list.
``SignIn`` and ``Filed`` come from Dovecot's log. Domains are kept by id, without a foreign key: a domain
that is deleted takes its rows out of sight at once, and one that is added again by somebody else has
another id.

The bulk tables carry no foreign-key triggers (10 µs a row at 60,000 lines a second); only services/ writes
them. Their ids are times (lib.timekey), and each day has a partition of its own, which is dropped whole
when nobody may look back that far."""

from delivery.models.again import NoticeAgain
from delivery.models.alerts import Alert, AlertMute
from delivery.models.entries import Entry, Flood
from delivery.models.filters import SavedFilter
from delivery.models.lines import Chunk, LogFile, NodeHealth, Turn, Unparsed
from delivery.models.messages import Filed, Message
from delivery.models.queue import QueueAction
from delivery.models.signins import SignIn
from delivery.models.traffic import DestinationPart, TrafficDay, TrafficPart
from delivery.statuses import Direction, Status

__all__ = [
    "Alert",
    "AlertMute",
    "Chunk",
    "DestinationPart",
    "Direction",
    "Entry",
    "Filed",
    "Flood",
    "LogFile",
    "Message",
    "NodeHealth",
    "NoticeAgain",
    "QueueAction",
    "SavedFilter",
    "SignIn",
    "Status",
    "TrafficDay",
    "TrafficPart",
    "Turn",
    "Unparsed",
]
