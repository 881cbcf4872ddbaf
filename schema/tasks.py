"""What has a member set out to do, and how far are they?"""

import strawberry


@strawberry.type
class MemberTasks:
    pass


@strawberry.type
class TaskQueries:
    pass


@strawberry.type
class TaskMutations:
    pass
