"""What may be asked about a member's data?"""

from domain.privacy.operations.erasing import erase, erase_own, forget_late
from domain.privacy.operations.exporting import export, written
from domain.privacy.operations.replaying import replay

__all__ = ["erase", "erase_own", "export", "forget_late", "replay", "written"]
