"""The pure core: it decides, and imports only the standard library.

No files, network, database, clock, environment or random numbers: instants, ids and tokens come in as arguments.
"""
