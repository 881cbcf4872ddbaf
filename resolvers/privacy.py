"""How does somebody see all that is known of a member, and have it forgotten?"""

from typing import Any

from domain.privacy import operations
from domain.privacy.model import Asked, Content, Erasure, Proof, Reason
from resolvers import ids
from resolvers.answers import Answer, answer
from resolvers.context import Context


async def export_own(context: Context) -> Answer[dict[str, Any]]:
    me = context.viewer.own_member_id()

    async def verb() -> dict[str, Any]:
        await context.attempts.export(str(me))
        return await operations.export(me, now=context.now)

    return await answer(context, verb())


async def export_of(context: Context, member: str) -> Answer[dict[str, Any]]:
    async def verb() -> dict[str, Any]:
        return await operations.export(ids.member_id(member), now=context.now)

    return await answer(context, verb())


async def erase_own(
    context: Context, *, password: str | None, request_id: str, content: str
) -> Answer[Erasure]:
    me = context.viewer.own_member_id()

    async def verb() -> Erasure:
        await context.attempts.prove(str(me))
        proof = Proof(password, context.viewer.issued_at)
        kept = Content(content)
        return await operations.erase_own(
            me, proof, request_id=request_id, content=kept, now=context.now
        )

    return await answer(context, verb())


async def erase(
    context: Context, member: str, *, reason: str, request_id: str, content: str
) -> Answer[Erasure]:
    async def verb() -> Erasure:
        asked = Asked(context.viewer.subject, Reason(reason), request_id, Content(content))
        return await operations.erase(ids.member_id(member), asked, now=context.now)

    return await answer(context, verb())
