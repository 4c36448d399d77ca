"""The way into a PostgreSQL database: an address without a password, and a connection or why there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from siting.errors import DataError, Problem

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SCHEMES = ("postgresql", "postgis")
PORT, TIMEOUT_S = 5432, 20


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its address.

    Attributes
    ----------
    parts : SplitResult
    shown : str
        Host and database, for messages and provenance.
    """

    parts: SplitResult
    shown: str

    @classmethod
    def at(cls, address: str) -> Database:
        """Read an address: ``postgresql://user@host:port/database``. The password is taken from ``PGPASSWORD``.

        Raises
        ------
        DataError
            When it is no such address, or holds a password.
        """
        parts = urlsplit(address)
        shown = f"{parts.hostname}{parts.path}"
        if parts.scheme not in SCHEMES or not parts.path.strip("/"):
            mend = "write postgresql://user@host/database"
            raise DataError([Problem(shown if parts.password else address, "is no address of a database", mend)])
        if parts.password is not None:
            what = "the address holds a password, and a study is read by many and kept with every run"
            raise DataError([Problem(shown, what, "leave it out and set PGPASSWORD")])
        return cls(parts, shown)

    def connected(self, shown: str) -> Any:  # noqa: ANN401 - the driver ships no types
        """Return a connection of `pg8000.native`, which the caller closes.

        Raises
        ------
        DataError
            When the driver is missing, or the database does not answer or refuses.
        """
        try:
            from pg8000.native import Connection, DatabaseError, InterfaceError  # noqa: PLC0415 - an extra
        except ImportError as error:
            mend = 'install it: pip install "siting[postgis]"'
            raise DataError([Problem(shown, "the driver of PostgreSQL is not installed", mend)]) from error
        try:
            return Connection(
                unquote(self.parts.username or os.environ.get("PGUSER", "")),
                host=self.parts.hostname or "localhost",
                port=self.parts.port or PORT,
                database=self.parts.path.lstrip("/"),
                password=os.environ.get("PGPASSWORD"),
                timeout=TIMEOUT_S,
            )
        except InterfaceError as error:
            mend = "check that the server runs, and host and port of the address"
            raise DataError([Problem(shown, "the database does not answer", mend)]) from error
        except DatabaseError as error:
            mend = "check user and database of the address, and PGPASSWORD"
            raise DataError([Problem(shown, f"the database refuses ({said(error)})", mend)]) from error


def said(error: Exception) -> str:
    """Return what the server said."""
    told = error.args[0] if error.args else ""
    return str(told.get("M", "")) if isinstance(told, dict) else str(error)
