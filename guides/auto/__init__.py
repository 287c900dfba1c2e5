"""Set-up without typing: what mail programs ask for themselves, profiles, and codes to scan.

Every value comes from guides.clientconfig. Nothing here asks whether a mailbox exists: the answer depends on
the domain alone, so it is the same, and takes as long, for who has a mailbox there and for who has none.
"""
