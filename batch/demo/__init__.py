"""The demo: an embedded mail server, simulated people and a story. Nothing else imports it."""
