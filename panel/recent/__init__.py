"""What happened to one mailbox lately, from Track Delivery: for who looks after it and for its own user."""
