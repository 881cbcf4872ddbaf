"""Will a member keep their tier, and what may staff decide about it?"""

import strawberry


@strawberry.type
class RetentionMutations:
    pass
