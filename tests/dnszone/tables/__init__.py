"""Values of every type: canonical, other spellings of one, and wrong with field and a word of the advice."""

from tests.dnszone.tables import common, service, trust

PARTS = (common, service, trust)
CANONICAL = {kind: texts for part in PARTS for kind, texts in part.CANONICAL.items()}
OTHER_SPELLING = [
    (kind, *pair) for part in PARTS for kind, pairs in part.OTHER_SPELLING.items() for pair in pairs
]
WRONG = [(kind, *case) for part in PARTS for kind, cases in part.WRONG.items() for case in cases]
