"""A PostgreSQL of the test's own: on loopback, under a user without rights, gone when the test is."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import postgres_programs
from pg8000.native import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "planner"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_somebody(*command: str) -> None:
    """Run a program; PostgreSQL refuses root, who becomes the user that its package made."""
    person = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    subprocess.run(  # noqa: S603 - ours
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **({} if person is None else {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}),
    )


@contextmanager
def private_postgres(programs: Path) -> Iterator[int]:
    """Start a server and yield its port."""
    home = Path(tempfile.mkdtemp(prefix="siting-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data, port = str(home / "data"), _free_port()
    options = f"-h 127.0.0.1 -p {port} -k {home} -c fsync=off"
    try:
        _as_somebody(str(programs / "initdb"), "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        log = str(home / "log")
        _as_somebody(str(programs / "pg_ctl"), "-D", data, "-w", "-t", "60", "-l", log, "-o", options, "start")
        try:
            yield port
        finally:
            _as_somebody(str(programs / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def postgis_port() -> Iterator[int]:
    """Yield the port of a server with PostGIS; skip where there is none."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("not installed: PostgreSQL with PostGIS")
    with private_postgres(programs) as number:
        connection = Connection(USER, host="127.0.0.1", port=number, database="postgres")
        connection.run("CREATE EXTENSION postgis")
        connection.close()
        yield number


def empty_database(port: int) -> Iterator[Connection]:
    """Yield a connection to a database whose schema ``plan`` is there and empty."""
    connection = Connection(USER, host="127.0.0.1", port=port, database="postgres")
    connection.run("DROP SCHEMA IF EXISTS plan CASCADE")
    connection.run("CREATE SCHEMA plan")
    yield connection
    connection.close()


def address(port: int) -> str:
    return f"postgresql://{USER}@127.0.0.1:{port}/postgres"
