"""Where does a shop want to hear of facts?"""

import strawberry


@strawberry.type
class WebhookQueries:
    pass


@strawberry.type
class WebhookMutations:
    pass
