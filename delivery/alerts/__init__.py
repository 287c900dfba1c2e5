"""Alerts: what the numbers of the last hours say that a person should look at. Looked for once a minute
(``looking``), judged by pure rules (``rules``), kept while it is so, told once (``services``)."""
