"""Can one of the staff give or take more than they may, by whatever they send?"""

import asyncio

import pytest

from domain.ledger.operations import audit
from domain.members.model import Scope
from tests.support.api import Asking, code_of, member_global_id
from tests.support.programmes import in_force
from tests.support.staff import ADA, BOB, LIMITS, posted
from tests.support.value import give
from tests.support.world import NOW, a_member, nothing_changed

REFUSED = """refusal { __typename code message ... on ApprovalRequired { proposalId expiresAt }
  ... on ProposalClosed { state } ... on StaffLimitReached { limit } }"""
ADJUST = f"""mutation($input: AdjustPointsInput!) {{ adjustPoints(input: $input) {{
  entry {{ amount reason explanation }} member {{ points {{ available }} }} {REFUSED} }} }}"""
DECIDE = """mutation($id: ID!, $note: String!) { %sProposal(id: $id, note: $note) {
  proposal { state amount reasonCode proposedBy decidedBy note }
  pointsEntry { amount explanation } creditEntry { id } """ + (f"{REFUSED} }} }}")
HISTORY = "{ me { pointsHistory { nodes { amount reason explanation } } } }"


@pytest.fixture
async def limits(ask: Asking) -> None:
    """In force: 500 points at once, 1,000 within 24 hours."""
    del ask
    await in_force(now=NOW, since=NOW, adjustments=LIMITS)


def asked(member, amount, key, **facts) -> dict:
    about = {"memberId": member_global_id(member.member_id), "reason": "late parcel"}
    return {**about, "amount": amount, "idempotencyKey": key, **facts}


async def adjust(ask: Asking, token, member, amount, key, **facts):
    found = await ask(ADJUST, token, input=asked(member, amount, key, **facts))
    return found["data"]["adjustPoints"]


async def decide(ask: Asking, token, verb, proposal_id, note="seen"):
    found = await ask(DECIDE % verb, token, id=proposal_id, note=note)
    return found["data"][f"{verb}Proposal"]


@pytest.mark.usefixtures("limits")
async def test_one_posts_no_more_than_the_limit_by_any_sequence_and_two_do(ask: Asking, ming):
    members = [ming, *[await a_member() for _ in range(3)]]
    for member in members:
        await give(member.member_id, 10_000)
    # Several tokens of one subject, which is written in several ways.
    tokens = [ask.token("staff", name) for name in (ADA, ADA, "ADA@Shop", " ada@shop")]
    tries = [
        (tokens[number % 4], members[number % 3], amount, f"k{number}")
        for number, amount in enumerate((501, -501, 90, -90, 400, -400, 500, -499, 20, -20, 1, 700))
    ]
    answers = await asyncio.gather(*(adjust(ask, *one) for one in tries))
    alone = await posted()
    assert 0 < sum(map(abs, alone)) <= 1_000
    assert max(map(abs, alone)) <= 500
    waiting = [found["refusal"]["proposalId"] for found in answers if found["refusal"]]
    assert len(waiting) + len(alone) == len(tries)
    for proposal_id in waiting:
        for token in tokens:
            own = await decide(ask, token, "approve", proposal_id)
            assert own["refusal"]["code"] == "SECOND_PERSON_REQUIRED"
    assert await posted() == alone
    for proposal_id in waiting:
        made = await decide(ask, ask.token("staff", BOB), "approve", proposal_id)
        assert made["refusal"] is None
    assert sorted(abs(amount) for amount in await posted()) == sorted(abs(one[2]) for one in tries)
    assert (await audit(now=NOW)).breaches == []


@pytest.mark.usefixtures("limits")
async def test_bulk_red_packets_and_points_have_each_a_limit_of_their_own(ask: Asking, ming):
    token = ask.token("staff", ADA)
    me = member_global_id(ming.member_id)
    packet = f"""mutation {{ grantCredit(input: {{memberId: "{me}", amountMinor: 501, reason: "r",
      idempotencyKey: "k"}}) {{ entry {{ id }} {REFUSED} }} }}"""
    correction = packet.replace("grantCredit", "adjustCredit").replace("501", "-501")
    for number in range(3):
        await a_member(external_id=f"other-{number}")
    coupons = f"""mutation {{ issueCoupons(input: {{template: "COUPON_10", idempotencyKey: "k"}})
      {{ batch {{ id }} {REFUSED} }} }}"""
    codes = [
        (await ask(document, token))["data"][field]["refusal"]["code"]
        for document, field in ((packet, "grantCredit"), (coupons, "issueCoupons"))
    ]
    assert codes == ["APPROVAL_REQUIRED", "APPROVAL_REQUIRED"]
    below = (await ask(correction, token))["data"]["adjustCredit"]["refusal"]
    assert below["code"] == "INSUFFICIENT_CREDIT"
    found = await adjust(ask, token, ming, 500, "points")
    assert found["entry"]["amount"] == 500


@pytest.mark.usefixtures("limits")
async def test_what_needs_a_second_says_so_and_staff_see_who_the_two_were(ask: Asking, ming):
    ada, bob = ask.token("staff", ADA), ask.token("staff", BOB)
    made = await adjust(ask, ada, ming, 600, "k", reasonCode="GOODWILL")
    refusal = made["refusal"]
    assert (made["entry"], made["member"]) == (None, None)
    assert (refusal["__typename"], refusal["code"]) == ("ApprovalRequired", "APPROVAL_REQUIRED")
    assert refusal["expiresAt"] == "2026-03-09T04:00:00Z"
    assert "2026-03-09 04:00 UTC" in refusal["message"]
    queue = "{ staffProposals { nodes { id act unit amount reason terms state proposedBy } } }"
    assert (await ask(queue, bob))["data"]["staffProposals"]["nodes"] == [
        {
            "id": refusal["proposalId"],
            "act": "ADJUST_POINTS",
            "unit": "POINTS",
            "amount": 600,
            "reason": "late parcel",
            "terms": {"amount": 600, "expires_at": None, "reason_code": "GOODWILL"},
            "state": "PENDING",
            "proposedBy": ADA,
        }
    ]
    approved = await decide(ask, bob, "approve", refusal["proposalId"], "seen the mail")
    names = "[GOODWILL, by ada@shop, approved by bob@shop]"
    assert approved["proposal"] == {
        "state": "APPROVED",
        "amount": 600,
        "reasonCode": "GOODWILL",
        "proposedBy": ADA,
        "decidedBy": BOB,
        "note": "seen the mail",
    }
    assert names in approved["pointsEntry"]["explanation"]
    async with nothing_changed():
        again = await adjust(ask, ada, ming, 600, "k", reasonCode="GOODWILL")
    assert names in again["entry"]["explanation"]
    assert again["member"] == {"points": {"available": 600}}
    (own,) = (await ask(HISTORY, ask.member(ming.member_id)))["data"]["me"]["pointsHistory"][
        "nodes"
    ]
    assert own == {
        "amount": 600,
        "reason": "late parcel",
        "explanation": "Adjusted by staff: late parcel (Programme version 2.)",
    }


@pytest.mark.usefixtures("limits")
async def test_the_log_of_acts_is_read_by_person_and_by_member_page_by_page(ask: Asking, ming):
    other, ada = await a_member(), ask.token("staff", ADA)
    await adjust(ask, ada, ming, 10, "a")
    await adjust(ask, ada, other, 20, "b")
    await adjust(ask, ask.token("staff", BOB), ming, 30, "c")
    log = """query($actor: String, $member: ID, $after: String) {
      staffActs(actor: $actor, memberId: $member, first: 1, after: $after) {
      nodes { actor act number amount alone reasonCode proposalId hash }
      pageInfo { hasNextPage endCursor } } }"""

    async def page(**variables):
        return (await ask(log, ada, **variables))["data"]["staffActs"]

    first = await page(actor="Ada@shop")
    second = await page(actor=ADA, after=first["pageInfo"]["endCursor"])
    (newest,), (oldest,) = first["nodes"], second["nodes"]
    assert (newest["amount"], newest["number"], newest["proposalId"]) == (20, 2, None)
    assert (oldest["amount"], oldest["number"], oldest["alone"]) == (10, 1, True)
    assert (oldest["act"], oldest["reasonCode"], len(oldest["hash"])) == (
        "ADJUST_POINTS",
        "OTHER",
        64,
    )
    assert second["pageInfo"]["hasNextPage"] is False
    about = await page(member=member_global_id(ming.member_id))
    assert [(act["actor"], act["amount"]) for act in about["nodes"]] == [(BOB, 30)]
    assert about["pageInfo"]["hasNextPage"] is True


@pytest.mark.usefixtures("limits")
async def test_a_proposal_is_rejected_or_withdrawn_and_then_closed(ask: Asking, ming):
    ada, bob = ask.token("staff", ADA), ask.token("staff", BOB)
    ids = [(await adjust(ask, ada, ming, 600, key))["refusal"]["proposalId"] for key in ("a", "b")]
    assert (await decide(ask, bob, "reject", ids[0]))["proposal"]["state"] == "REJECTED"
    strange = await decide(ask, bob, "withdraw", ids[1])
    assert strange["refusal"]["code"] == "NOT_THE_PROPOSER"
    assert (await decide(ask, ada, "withdraw", ids[1]))["proposal"]["state"] == "WITHDRAWN"
    async with nothing_changed():
        for proposal_id, state in zip(ids, ("REJECTED", "WITHDRAWN"), strict=True):
            late = await decide(ask, bob, "approve", proposal_id)
            assert late["refusal"]["state"] == state
        unknown = await decide(ask, bob, "approve", member_global_id(ming.member_id))
    assert unknown["refusal"]["code"] == "NOT_FOUND"
    one = "query($id: ID!) { staffProposal(id: $id) { state note } }"
    found = (await ask(one, ada, id=ids[0]))["data"]["staffProposal"]
    assert found == {"state": "REJECTED", "note": "seen"}
    nobody = (await ask(one, ada, id=member_global_id(ming.member_id)))["data"]["staffProposal"]
    assert nobody is None


@pytest.mark.usefixtures("limits")
async def test_neither_a_service_nor_a_member_is_a_second(ask: Asking, ming):
    made = await adjust(ask, ask.token("staff", ADA), ming, 600, "k")
    proposal_id = made["refusal"]["proposalId"]
    keys = [await ask.service(*Scope), ask.token("service", BOB), ask.member(ming.member_id)]
    async with nothing_changed():
        for token in keys:
            found = await ask(DECIDE % "approve", token, id=proposal_id, note="n")
            assert code_of(found) == "FORBIDDEN"
