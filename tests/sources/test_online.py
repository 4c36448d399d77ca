"""Downloads from a server that answers well, late, badly, partly or not at all."""

from __future__ import annotations

import datetime as dt
import socket
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from local_server import cut, ranged, serving, stall, status, whole

from siting.errors import DataError
from siting.sources.online import Asked, Client, Patience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_server import Server

BODY = bytes(range(256)) * 4000


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


class Fetch:
    """A client that does not really wait, and its target."""

    def __init__(self, folder: Path, timeout_s: float = 5.0, tries: int = 4) -> None:
        self.target = folder / "deep" / "file.bin"
        self.waits: list[float] = []
        self.lines: list[str] = []
        patience = Patience(timeout_s=timeout_s, tries=tries, first_wait_s=1.0, longest_wait_s=100.0)
        self.client = Client("siting/test", patience, self.lines.append, self.waits.append)

    def __call__(self, address: str, **options: object) -> bytes:
        self.client.download(Asked(address), self.target, **options)
        left = sorted(path.name for path in self.target.parent.iterdir())
        assert left == ["file.bin"]
        return self.target.read_bytes()

    def problem(self, address: str, **options: object) -> str:
        with pytest.raises(DataError) as caught:
            self.client.download(Asked(address), self.target, **options)
        assert not self.target.exists()
        assert len(caught.value.problems) == 1
        assert caught.value.problems[0].where == address
        return str(caught.value)


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    return Fetch(tmp_path)


def ranges(server: Server) -> list[str | None]:
    return [one.headers.get("Range") for one in server.asked]


def test_a_file_comes_whole(server: Server, fetch: Fetch) -> None:
    assert fetch(server.at("/f", whole(BODY))) == BODY
    assert fetch.waits == []
    assert server.asked[0].headers["User-Agent"] == "siting/test"
    assert server.asked[0].headers["Accept-Encoding"] == "identity"


def test_an_empty_file_is_a_file(server: Server, fetch: Fetch) -> None:
    assert fetch(server.at("/f", whole(b""))) == b""


def test_a_busy_server_is_asked_again_when_it_says(server: Server, fetch: Fetch) -> None:
    address = server.at("/f", status(429, Retry_After="7"), status(503, Retry_After="0"), whole(BODY))
    assert fetch(address) == BODY
    assert fetch.waits == [7.0, 0.0]
    assert "429 Too Many Requests; again in 7 s" in fetch.lines[0]


def test_a_time_to_come_back_may_be_a_date(server: Server, fetch: Fetch) -> None:
    then = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    address = server.at("/f", status(429, Retry_After=format_datetime(then, usegmt=True)), whole(BODY))
    assert fetch(address) == BODY
    assert len(fetch.waits) == 1
    assert 50 <= fetch.waits[0] <= 60


def test_a_time_to_come_back_that_cannot_be_read_is_none(server: Server, fetch: Fetch) -> None:
    assert fetch(server.at("/f", status(429, Retry_After="soon"), whole(BODY))) == BODY
    assert fetch.waits == [1.0]


def test_a_server_that_wants_to_be_left_alone_for_long_is_left_alone(server: Server, fetch: Fetch) -> None:
    told = fetch.problem(server.at("/f", status(429, Retry_After="86400"), whole(BODY)))
    assert "the server asks to be left alone for 86,400 s" in told
    assert "run the same command again" in told
    assert fetch.waits == []


def test_a_failing_server_is_asked_again_after_longer_and_longer(server: Server, fetch: Fetch) -> None:
    assert fetch(server.at("/f", status(500), status(502), status(500), whole(BODY))) == BODY
    assert fetch.waits == [1.0, 2.0, 4.0]


def test_a_server_that_keeps_failing_is_given_up(server: Server, fetch: Fetch) -> None:
    told = fetch.problem(server.at("/f", status(500)))
    assert "could not be fetched: the server answers 500" in told
    assert len(server.asked) == 4
    assert fetch.waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("code", [400, 403, 404, 410])
def test_what_is_not_there_is_not_asked_for_twice(server: Server, fetch: Fetch, code: int) -> None:
    assert f"the server answers {code}" in fetch.problem(server.at("/f", status(code)))
    assert len(server.asked) == 1


def test_a_file_cut_short_is_continued_where_it_broke_off(server: Server, fetch: Fetch) -> None:
    at = 589_824
    assert fetch(server.at("/f", ranged(BODY, at=at), ranged(BODY))) == BODY
    assert ranges(server) == [None, f"bytes={at}-"]
    assert server.asked[1].headers["If-Range"] == '"one"'


def test_a_server_without_ranges_sends_all_of_it_again(server: Server, fetch: Fetch) -> None:
    assert fetch(server.at("/f", cut(BODY, 589_824, ETag='"one"'), whole(BODY, ETag='"one"'))) == BODY


def test_nothing_is_continued_of_which_the_version_is_not_known(server: Server, fetch: Fetch) -> None:
    """No validator, or a weak one: the bytes that came may be of another version."""
    for name, headers in {"none": {}, "weak": {"ETag": 'W/"one"'}}.items():
        assert fetch(server.at(f"/{name}", cut(BODY, 589_824, **headers), whole(BODY, **headers))) == BODY
        fetch.target.unlink()
    assert ranges(server) == [None] * 4


def test_last_modified_says_the_version_too(server: Server, fetch: Fetch) -> None:
    day = "Wed, 21 Oct 2020 07:28:00 GMT"
    assert fetch(server.at("/f", cut(BODY, 524_288, Last_Modified=day), ranged(BODY, version=day))) == BODY
    assert ranges(server) == [None, "bytes=524288-"]


def test_a_file_that_changed_meanwhile_comes_whole(server: Server, fetch: Fetch) -> None:
    other = BODY[::-1]
    assert fetch(server.at("/f", ranged(BODY, at=589_824), ranged(other, version='"two"'))) == other


def test_progress_is_no_failure(server: Server, fetch: Fetch) -> None:
    """Ten cuts, each a little further: four tries are enough, for each brings something new."""
    steps = [ranged(BODY, at=100_000 * number) for number in range(1, 11)]
    assert fetch(server.at("/f", *steps, ranged(BODY))) == BODY
    assert set(fetch.waits) == {1.0}


def test_an_interrupted_download_goes_on_in_the_next_run(server: Server, tmp_path: Path) -> None:
    address = server.at("/f", ranged(BODY, at=327_680), ranged(BODY, at=327_680), status(500))
    first = Fetch(tmp_path, tries=2)
    first.problem(address)
    assert (first.target.parent / "file.bin.part").read_bytes() == BODY[:327_680]
    server.at("/f", ranged(BODY))
    server.asked.clear()
    assert Fetch(tmp_path)(address) == BODY
    assert ranges(server) == ["bytes=327680-"]


def test_a_part_of_another_address_is_not_continued(server: Server, tmp_path: Path) -> None:
    Fetch(tmp_path, tries=1).problem(server.at("/one", ranged(BODY, at=327_680)))
    assert Fetch(tmp_path)(server.at("/two", ranged(BODY[::-1]))) == BODY[::-1]


def test_what_had_come_whole_before_the_interruption_is_taken(server: Server, tmp_path: Path) -> None:
    fetch = Fetch(tmp_path)
    address = server.at("/f", ranged(BODY))
    with pytest.raises(KeyboardInterrupt):
        fetch.client.download(Asked(address), fetch.target, wrong=interrupted)
    assert not fetch.target.exists()
    assert fetch(address) == BODY
    assert ranges(server) == [None, f"bytes={len(BODY)}-"]


def interrupted(_part: Path) -> str:
    raise KeyboardInterrupt


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    fetch = Fetch(tmp_path)
    address = server.at("/f", ranged(BODY, at=327_680), status(500))
    Fetch(tmp_path, tries=1).problem(address)
    with (fetch.target.parent / "file.bin.part").open("ab") as stream:
        stream.write(BODY * 2)
    server.at("/f", ranged(BODY))
    assert fetch(address) == BODY


def test_a_silent_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    fetch = Fetch(tmp_path, timeout_s=0.3)
    assert fetch(server.at("/f", stall(), whole(BODY))) == BODY
    assert "the server was silent for 0.3 s" in fetch.lines[0]


def test_a_server_that_falls_silent_on_the_way_is_asked_for_the_rest(server: Server, tmp_path: Path) -> None:
    fetch = Fetch(tmp_path, timeout_s=0.3)
    assert fetch(server.at("/f", stall(BODY, 262_144, ETag='"one"'), ranged(BODY))) == BODY
    assert "silent" in fetch.lines[0]
    assert ranges(server) == [None, "bytes=262144-"]


def test_without_a_connection_little_time_is_lost(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/f"
        fetch = Fetch(tmp_path)
        told = fetch.problem(address)
    assert "no connection to 127.0.0.1" in told
    assert "Connection refused" in told
    assert "(network, proxy), or name another --address" in told
    assert len(fetch.waits) <= 2


def test_a_name_that_no_network_knows_is_told(tmp_path: Path) -> None:
    assert "no connection to nowhere.invalid" in Fetch(tmp_path).problem("http://nowhere.invalid/f")


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1/f", "http://"])
def test_an_address_that_is_none_is_told(tmp_path: Path, address: str) -> None:
    assert "is no address that can be asked" in Fetch(tmp_path).problem(address)


def test_what_is_wrong_with_what_came_is_told_and_asked_for_again(server: Server, fetch: Fetch) -> None:
    def wrong(part: Path) -> str:
        return "" if part.read_bytes() == BODY else "a page that says sorry"

    assert fetch(server.at("/f", whole(b"sorry", ETag='"one"'), whole(BODY)), wrong=wrong) == BODY
    assert ranges(server) == [None, None]
    server.at("/f", whole(b"sorry"))
    fetch.target.unlink()
    assert "could not be fetched: a page that says sorry" in fetch.problem(server.address + "/f", wrong=wrong)


def test_an_older_file_stays_until_the_new_one_is_whole(server: Server, fetch: Fetch) -> None:
    fetch.target.parent.mkdir()
    fetch.target.write_bytes(b"old")
    with pytest.raises(DataError):
        fetch.client.download(Asked(server.at("/f", cut(BODY, 1000), status(404))), fetch.target)
    assert fetch.target.read_bytes() == b"old"
    assert fetch(server.at("/f", whole(BODY))) == BODY


def test_a_wrong_part_of_a_file_is_refused(server: Server, fetch: Fetch) -> None:
    """The server answers 206, but from another place than it was asked for."""

    def elsewhere(handler: object) -> None:
        handler.answer(206, BODY[5:], Content_Range=f"bytes 5-{len(BODY) - 1}/{len(BODY)}")

    assert fetch(server.at("/f", ranged(BODY, at=327_680), elsewhere, ranged(BODY))) == BODY
    assert any("not what was asked for" in line for line in fetch.lines)
