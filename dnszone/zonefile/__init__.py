"""Zone files (RFC 1035 §5): read, written, fetched from other servers, and made a draft of."""
