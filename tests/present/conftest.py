"""What the tests of maps and reports share: a small complete run, with a plan, without one, and without a way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_results import audit_only, make_results

if TYPE_CHECKING:
    from siting.present.results import Results


@pytest.fixture(scope="session")
def results() -> Results:
    return make_results()


@pytest.fixture(scope="session")
def audit_results(results: Results) -> Results:
    """The same run as an audit of the present situation: no plan, nothing after."""
    return audit_only(results)


@pytest.fixture(scope="session")
def infeasible_results(results: Results) -> Results:
    """The same run where no plan exists: conflicts are named."""
    return audit_only(results, infeasible=True)
