"""What can be tried at once in GraphiQL? An operation for each kind of viewer."""

from app.graphiql import Example

DASHBOARD = """\
# The mobile app's first screen, read by one SQL statement. Paste a member's token below, under
# Headers: {"Authorization": "Bearer …"}
query Dashboard {
  me {
    nickname
    tier { code name discountPercent pointsMultiplier }
    tierProgress { score nextTier { name threshold } scoreToNext keepScore periodEndsAt state }
    points { available pending held expiringWithin30Days lifetimeEarned }
    checkInStatus { checkedInToday streakDays }
    pointsHistory(first: 10) { nodes { amount reason occurredAt explanation } }
    redemptions(first: 5) { nodes { state pricePoints reward { title } } }
    referral { code bound rewarded pointsEarned }
  }
}
"""
CHECK_IN = """\
# A member's token. A second one on the same day is refused with the first one's result.
mutation CheckIn {
  checkIn {
    checkIn { day streakDays pointsAwarded }
    member { points { available } }
    refusal { code message ... on AlreadyCheckedIn { checkIn { streakDays pointsAwarded } } }
  }
}
"""
REWARDS = """\
# Anybody; with a member's token it says what they could redeem.
query Rewards {
  rewards(first: 10) {
    totalCount
    nodes { code title kind pricePoints stockLeft redeemable }
    pageInfo { hasNextPage endCursor }
  }
}
"""
REDEEM = """\
# A member's token. The same key gives the same redemption, however often it is sent.
mutation Redeem($key: String!) {
  redeemReward(input: { rewardCode: "COUPON_10", idempotencyKey: $key }) {
    redemption { id state codes pricePoints }
    member { points { available } }
    refusal { code message ... on InsufficientPoints { available required } }
  }
}
"""
SERVICE = """\
# A service's key (accrue apikey create). The shop tells what happened; workers process it.
mutation Events($events: [EventInput!]!) {
  enrolMember(input: { externalId: "customer-1", nickname: "Ann" }) {
    created
    member { id }
    refusal { code message }
  }
  recordEvents(events: $events) {
    accepted
    duplicates
    refused { id refusal { code message ... on InvalidInput { path } } }
  }
}
"""
EVENTS = """\
{"events": [{"id": "1", "source": "shop", "type": "order.paid", "time": "2026-03-02T04:00:00Z",
  "subject": "customer-1", "data": {"orderId": "A-1", "paidAt": "2026-03-02T04:00:00Z",
  "currency": "USD", "lines": [{"lineId": "1", "sku": "MILK", "amountMinor": 4999}]}}]}
"""
STAFF = """\
# A staff token.
query Members {
  members(search: "", first: 10) { nodes { id nickname externalId joinedAt suspendedAt } }
}
"""

EXAMPLES = (
    Example("Dashboard", DASHBOARD),
    Example("Check in", CHECK_IN),
    Example("Rewards", REWARDS),
    Example("Redeem", REDEEM, '{"key": "choose-your-own-1"}'),
    Example("Shop events", SERVICE, EVENTS),
    Example("Members", STAFF),
)
