"""What do tests of staff stand on? A programme under which one may do little alone."""

import pytest

from domain.programme.model import Programme
from tests.support.programmes import changed, in_force
from tests.support.staff import LIMITS
from tests.support.world import programme

PRINTED = {"code": "PRINTED", "name": {"zh-CN": "券", "en": "Slip"}, "amount_off": 5}


@pytest.fixture
async def shop(database) -> Programme:  # noqa: ARG001  the rows go into it
    coupons = [*programme().document()["coupons"], {**PRINTED, "channels": ["voucher"]}]
    await in_force(adjustments=LIMITS, coupons=coupons)
    return changed(adjustments=LIMITS, coupons=coupons)
