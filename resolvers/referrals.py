"""How does a member name who invited them?"""

from domain.dashboard.model import Part, ReferralView
from domain.referrals import operations
from resolvers.answers import Answer, answer
from resolvers.context import Context

_REFERRAL = Part("referral")


async def bind(context: Context, code: str) -> Answer[ReferralView]:
    me = context.viewer.own_member_id()
    verb = operations.bind(me, code, now=context.now)
    made = await answer(context, verb, frozenset({_REFERRAL}), shows=lambda _: me)
    if made.member is None:
        return Answer(refusal=made.refusal)
    found = made.member.view.parts[_REFERRAL]
    assert isinstance(found, ReferralView)
    return Answer(found)
