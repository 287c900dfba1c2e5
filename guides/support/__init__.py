"""“Contact support”, with what helps to answer attached and shown before it is sent."""
