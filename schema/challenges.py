"""Which contests are there, and who leads?"""

import strawberry


@strawberry.type
class MemberChallenges:
    pass


@strawberry.type
class ChallengeQueries:
    pass


@strawberry.type
class ChallengeMutations:
    pass
