"""The database: tables, migrations, events and queries.

SQL lives only here. It stores what it is told and decides nothing.
"""
