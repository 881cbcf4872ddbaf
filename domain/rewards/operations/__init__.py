"""Which verbs spend points on rewards, give them back, and stock the shelf?"""

from domain.rewards.operations.adjusting import adjust
from domain.rewards.operations.approving import approve
from domain.rewards.operations.loading import load_codes
from domain.rewards.operations.redeeming import redeem
from domain.rewards.operations.returning import cancel, deliver, fail, ship
from domain.rewards.operations.sending import deliver_prize, fail_prize, ship_prize
from domain.rewards.operations.stocking import import_codes

__all__ = [
    "adjust",
    "approve",
    "cancel",
    "deliver",
    "deliver_prize",
    "fail",
    "fail_prize",
    "import_codes",
    "load_codes",
    "redeem",
    "ship",
    "ship_prize",
]
