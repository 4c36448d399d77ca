"""Files from servers: patient, resumable, and never half-written under their final name.

What has come of a file lies beside it as ``NAME.part`` with a note (``NAME.part.json``) of where it is from and which
version it is. The next attempt, in this run or a later one, asks for the rest only, on condition that the version is
still the same (RFC 9110, sections 13.1.5 and 14.2); a server that cannot do that sends the whole again.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from siting.errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CHUNK_BYTES = 1 << 16
"""What is lost at most when an answer breaks off: the library hands out whole pieces only."""
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one a little later."""
_NO_CONNECTION_COSTS = 3
"""Attempts that one without any connection counts as: a machine without a network should soon be told so."""
_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416
_STEP_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and how often to ask again.

    Attributes
    ----------
    timeout_s : float
        Longest silence of a server.
    tries : int
        Attempts in a row that bring nothing new before giving up.
    first_wait_s : float
        Pause after the first failure, doubled after each further one.
    longest_wait_s : float
        No pause is longer; a server that asks for more is asked again another day.
    """

    timeout_s: float = 60.0
    tries: int = 6
    first_wait_s: float = 2.0
    longest_wait_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a server: an address, with a form to post where there is one."""

    address: str
    form: Mapping[str, str] | None = None

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self.address).netloc


class AgainError(Exception):
    """An attempt failed in a way that the next one may not.

    Attributes
    ----------
    wait_s : float or None
        How long the server wants to be left alone.
    weight : int
        How many attempts it counts as.
    """

    def __init__(self, reason: str, wait_s: float | None = None, weight: int = 1) -> None:
        self.wait_s = wait_s
        self.weight = weight
        super().__init__(reason)


def _nothing_wrong(part: Path) -> str:
    """Find nothing wrong with a file."""
    del part
    return ""


def _nobody(line: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Client:
    """Fetches files.

    Attributes
    ----------
    agent : str
        How the client calls itself; the public servers of OpenStreetMap ask for that.
    patience : Patience
    tell : callable
        Told what goes on, a line at a time.
    sleep : callable
        Waits so many seconds.
    """

    agent: str
    patience: Patience = field(default_factory=Patience)
    tell: Callable[[str], None] = _nobody
    sleep: Callable[[float], None] = time.sleep

    def download(self, asked: Asked, target: Path, wrong: Callable[[Path], str] = _nothing_wrong) -> None:
        """Fetch a file; it appears under its name when it is whole, and not before.

        Parameters
        ----------
        asked : Asked
        target : Path
        wrong : callable
            Given what came, says what is wrong with it; then it is thrown away and asked for again.

        Raises
        ------
        DataError
            When the server has no such file, cannot be reached, or does not give a whole one in the end.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        failed, most = 0, _size(part)
        while True:
            try:
                self._attempt(asked, part)
                _refuse(part, wrong(part))
                break
            except AgainError as again:
                grown = _size(part) > most
                failed = again.weight if grown else failed + again.weight
                most = max(most, _size(part))
                self._pause(asked, again, failed)
        part.replace(target)
        _forget(part)

    def _pause(self, asked: Asked, again: AgainError, failed: int) -> None:
        """Wait before the next attempt, or give up."""
        kept = "run the same command again: what has come is kept"
        doubled = self.patience.first_wait_s * 2.0 ** (failed - 1)
        wait = min(doubled, self.patience.longest_wait_s) if again.wait_s is None else again.wait_s
        if wait > self.patience.longest_wait_s:
            what = f"the server asks to be left alone for {wait:,.0f} s ({again})"
            raise DataError([Problem(asked.address, what, f"after that, {kept}")])
        if failed >= self.patience.tries:
            mend = f"see that {asked.host} can be reached (network, proxy), or name another --address; then {kept}"
            raise DataError([Problem(asked.address, f"could not be fetched: {again}", mend)])
        self.tell(f"{asked.host}: {again}; again in {wait:.0f} s")
        self.sleep(wait)

    def _attempt(self, asked: Asked, part: Path) -> None:
        """Ask once, and add what comes to what is there."""
        have, version = _begun(asked, part)
        headers = {"User-Agent": self.agent, "Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        method = "GET" if asked.form is None else "POST"
        try:
            with requests.request(
                method, asked.address, data=asked.form, headers=headers, stream=True, timeout=self.patience.timeout_s
            ) as answer:
                self._take(asked, answer, part, have)
        except requests.exceptions.ConnectTimeout as error:
            message = f"no connection to {asked.host} within {self.patience.timeout_s:g} s"
            raise AgainError(message, weight=_NO_CONNECTION_COSTS) from error
        except requests.exceptions.Timeout as error:
            message = f"the server was silent for {self.patience.timeout_s:g} s"
            raise AgainError(message) from error
        except requests.exceptions.ChunkedEncodingError as error:
            message = f"the answer broke off after {_size(part):,} bytes"
            raise AgainError(message) from error
        except requests.exceptions.ConnectionError as error:
            silent = "timed out" in str(error)  # requests reports a silence within the body as a lost connection
            message = "the server fell silent" if silent else f"no connection to {asked.host} ({_cause(error)})"
            raise AgainError(message, weight=1 if silent else _NO_CONNECTION_COSTS) from error
        except requests.exceptions.RequestException as error:
            what = f"is no address that can be asked ({error})"
            raise DataError([Problem(asked.address, what, "mend the address")]) from error

    def _take(self, asked: Asked, answer: requests.Response, part: Path, have: int) -> None:
        """Judge an answer by its status and write its body down."""
        if answer.status_code == _RANGE_REFUSED and have:
            if answer.headers.get("Content-Range", "") == f"bytes */{have}":
                return  # all of it had come already
            _forget(part)
            message = "the file has changed since the first part came"
            raise AgainError(message, wait_s=0.0)
        if answer.status_code in _BUSY:
            message = f"the server answers {answer.status_code} {answer.reason}"
            raise AgainError(message, wait_s=_retry_after(answer.headers.get("Retry-After")))
        if answer.status_code not in {_OK, _PARTIAL}:
            what = f"the server answers {answer.status_code} {answer.reason}"
            mend = "check what is asked for, and the address; see --help for what can be named"
            raise DataError([Problem(asked.address, what, mend)])
        start = _start(answer, have)
        length = answer.headers.get("Content-Length")
        expected = start + int(length) if length is not None and length.isdecimal() else None
        if not start:
            _note(asked, answer, part)
        self._write(asked, answer, part, start)
        if expected is not None and _size(part) != expected:
            message = f"{_size(part):,} of {expected:,} bytes came"
            raise AgainError(message)

    def _write(self, asked: Asked, answer: requests.Response, part: Path, start: int) -> None:
        """Add a body to a part, piece by piece."""
        told = start
        with part.open("r+b" if start else "wb") as stream:
            stream.seek(start)
            for piece in answer.iter_content(CHUNK_BYTES):
                stream.write(piece)
                if stream.tell() - told >= _STEP_BYTES:
                    told = stream.tell()
                    self.tell(f"{asked.host}: {told / 1e6:,.0f} MB")
            stream.truncate()


def _refuse(part: Path, reason: str) -> None:
    """Throw away what something is wrong with, for another attempt."""
    if reason:
        _forget(part)
        raise AgainError(reason)


def _start(answer: requests.Response, have: int) -> int:
    """Return where the body begins in the file: at what is there, or at nought when the server sends all of it."""
    if answer.status_code != _PARTIAL:
        return 0
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        message = f"the server sent {answer.headers.get('Content-Range')!r}, not what was asked for"
        raise AgainError(message)
    return have


def _cause(error: BaseException) -> str:
    """Return the last words of an error that wraps others."""
    return str(error).rsplit(": ", 1)[-1].rstrip(")'\" ").replace("\n", " ")[:120]


def _retry_after(told: str | None) -> float | None:
    """Read a ``Retry-After`` header: seconds, or a date; None where there is none that can be read."""
    if told is None:
        return None
    if told.strip().isdecimal():
        return float(told)
    try:
        then = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (then - dt.datetime.now(then.tzinfo or dt.UTC)).total_seconds())


def _size(part: Path) -> int:
    """Return how many bytes of a file have come."""
    return part.stat().st_size if part.is_file() else 0


def _noted(part: Path) -> Path:
    """Return where the note of a part lies."""
    return part.with_name(part.name + ".json")


def _note(asked: Asked, answer: requests.Response, part: Path) -> None:
    """Write down which version of what a part is; only strong validators can say that it is the same one."""
    tag = answer.headers.get("ETag", "")
    version = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
    part.unlink(missing_ok=True)
    _noted(part).write_text(json.dumps({"address": asked.address, "version": version}), encoding="utf-8")


def _begun(asked: Asked, part: Path) -> tuple[int, str]:
    """Return how many bytes can be kept, and of which version; none where that is not known."""
    try:
        note = json.loads(_noted(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0, ""
    if asked.form is not None or note.get("address") != asked.address or not note.get("version"):
        return 0, ""
    return _size(part), str(note["version"])


def _forget(part: Path) -> None:
    """Throw a part and its note away."""
    part.unlink(missing_ok=True)
    _noted(part).unlink(missing_ok=True)
