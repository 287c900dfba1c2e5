"""The forms of the Zone Editor."""

from dnszone.forms.base import PLAIN, ZoneForm
from dnszone.forms.bulk import TtlForm
from dnszone.forms.mx import MxForm
from dnszone.forms.records import RecordForm

__all__ = ["PLAIN", "MxForm", "RecordForm", "TtlForm", "ZoneForm"]
