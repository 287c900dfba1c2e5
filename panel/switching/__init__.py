"""Mail from one place to another: presets of providers, the check before MX are switched, the state of
targets."""
