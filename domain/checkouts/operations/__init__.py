"""Which verbs does a checkout know? Open, complete, cancel, and what the clock does: lapse."""

from domain.checkouts.operations.completing import complete, complete_by_order
from domain.checkouts.operations.ending import cancel, lapse
from domain.checkouts.operations.opening import open_checkout

__all__ = ["cancel", "complete", "complete_by_order", "lapse", "open_checkout"]
