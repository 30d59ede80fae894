"""One file per job, each a short script: load, decide (core), save.

A job loads in a read transaction; parses, decides and renders with none open; then writes in one short transaction. Every
job may run twice: what was done is not done again.
"""
