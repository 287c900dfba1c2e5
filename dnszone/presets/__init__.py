"""Mail providers, and what a zone needs for them: catalog (what each publishes), merging (the plan). Pure."""

from dnszone.presets.catalog import HERE, PRESETS, Ask, Preset, recognised
from dnszone.presets.merging import (
    Here,
    Plan,
    Tidy,
    Wish,
    filler,
    plan,
    previous_includes,
    spf_rows,
    starts,
    text_of,
    value_of,
    wish_here,
    wish_of,
)

__all__ = [
    "HERE",
    "PRESETS",
    "Ask",
    "Here",
    "Plan",
    "Preset",
    "Tidy",
    "Wish",
    "filler",
    "plan",
    "previous_includes",
    "recognised",
    "spf_rows",
    "starts",
    "text_of",
    "value_of",
    "wish_here",
    "wish_of",
]
