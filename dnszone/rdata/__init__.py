"""Values of records: what people type → checked → canonical text, and back to what people read.

Each type is one entry of TYPES. Canonical text is what dnspython writes after text → wire → text, with
names lower-case, absolute and in A-labels (RFC 4034 §6.2). Pure: no database. Errors: lib.errors.Refused
with the field.
"""

from dnszone.rdata.base import Field, RecordType
from dnszone.rdata.catalog import TYPES, record_type
from dnszone.rdata.text import (
    ascii_target,
    canonical,
    compose,
    shown,
    split,
    target,
    text,
    wire_size,
)

__all__ = [
    "TYPES",
    "Field",
    "RecordType",
    "ascii_target",
    "canonical",
    "compose",
    "record_type",
    "shown",
    "split",
    "target",
    "text",
    "wire_size",
]
