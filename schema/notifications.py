"""What is a member told, and how do they want to be told?"""

import strawberry


@strawberry.type
class MemberNotifications:
    pass


@strawberry.type
class NotificationQueries:
    pass


@strawberry.type
class NotificationMutations:
    pass
