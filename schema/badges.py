"""Which honours does a member have?"""

import strawberry


@strawberry.type
class MemberBadges:
    pass
