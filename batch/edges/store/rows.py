"""The two types of SQLAlchemy that jobs see: a connection to pass on, and rows that came from a query."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping

__all__ = ["Connection", "RowMapping"]
