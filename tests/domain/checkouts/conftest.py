"""What do tests of checkouts stand on? A programme with coupons of several kinds, in force."""

import pytest

from tests.support.buying import in_force_with_coupons


@pytest.fixture
async def shop(database) -> None:  # noqa: ARG001  the rows go into it
    """Published since ever."""
    await in_force_with_coupons()
