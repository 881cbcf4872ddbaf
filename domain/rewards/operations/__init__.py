"""Which verbs spend points on rewards, give them back, and stock the shelf?"""

from domain.rewards.operations.adjusting import adjust
from domain.rewards.operations.redeeming import redeem
from domain.rewards.operations.returning import cancel, deliver, fail, ship
from domain.rewards.operations.stocking import import_codes

__all__ = ["adjust", "cancel", "deliver", "fail", "import_codes", "redeem", "ship"]
