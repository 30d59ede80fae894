"""Bytes to values and findings, values to bytes. No clock, no network, no files; may import core, never edges."""
