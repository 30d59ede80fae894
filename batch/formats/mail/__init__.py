"""Mail: composing what we send, reading and sorting what comes back."""
