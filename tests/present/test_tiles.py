"""Online tiles: only where a study asks, only from the hosts it names, and never without a key where one is needed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from siting.present.map import map_html
from siting.present.tiles import TileOptions, tiles_of

if TYPE_CHECKING:
    from siting.present.results import Results

ASKED = {
    "url": "https://t{s}.tianditu.gov.cn/vec_w/wmts?LAYER=vec&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}",
    "subdomains": "01", "attribution": "天地图 <b>", "key_from": "SITING_TEST_KEY",
}  # fmt: skip


def asking(results: Results, **changes: object) -> Results:
    configuration = {**results.run.get("configuration", {}), "tiles": {**ASKED, **changes}}
    return replace(results, run={**results.run, "configuration": configuration})


def policy(page: str) -> str:
    return re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]


def test_without_being_asked_for_no_host_is_allowed(results: Results) -> None:
    page = map_html(results, "zh")
    assert "https:" not in policy(page)
    assert tiles_of(results.run) is None


def test_hosts_that_are_asked_for_are_allowed_pictures_alone(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITING_TEST_KEY", "abc123")
    page = map_html(asking(results), "zh")
    allowed = policy(page)
    assert "img-src data: blob: https://t0.tianditu.gov.cn https://t1.tianditu.gov.cn;" in allowed
    assert allowed.startswith("default-src 'none'")
    assert "tk=abc123" in page
    assert "<b>" not in page.split('id="siting-data">')[1].split("</script>")[0]


def test_without_its_key_there_are_no_tiles_and_the_page_says_why(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SITING_TEST_KEY", raising=False)
    assert tiles_of(asking(results).run) == {"missing": "SITING_TEST_KEY"}
    assert "https:" not in policy(map_html(asking(results), "zh"))
    monkeypatch.setenv("SITING_TEST_KEY", "a b'><script>")
    assert tiles_of(asking(results).run) == {"missing": "SITING_TEST_KEY"}


@pytest.mark.parametrize(
    "url",
    ["http://t.example.org/{z}/{x}/{y}.png", "https://a b/{z}", "https://x.org/'><script>", "javascript:alert(1)"],
)
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        TileOptions(url=url, attribution="x")
