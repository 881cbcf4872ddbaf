"""What is a member told of their tier?"""

from datetime import datetime
from typing import Any

from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.orders.model import Dossier
from domain.programme.model import Programme, Tier
from domain.tiers.model import Standing
from domain.tiers.rules import Step, effective_tier, falls_to, names, rest

Facts = dict[str, Any]


def moved(
    dossier: Dossier, before: Standing, programme: Programme, at: datetime, *, upgraded: bool
) -> None:
    """Up or down by an event."""
    after = dossier.standing
    facts: Facts = {
        "tier": _name(effective_tier(after, programme), programme),
        "from_tier": _name(effective_tier(before, programme), programme),
    }
    template = Template.TIER_UPGRADED if upgraded else Template.TIER_FELL
    _tell(dossier, template, after, facts, at)


def judged(dossier: Dossier, before: Standing, step: Step, programme: Programme) -> None:
    """What time has done."""
    match step.kind:
        case "warned":
            facts = _at_stake(step, programme)
            _tell(dossier, Template.TIER_WARNED, step.standing, facts, step.at)
        case "grace":
            _tell_of_grace(dossier, step, programme)
        case "kept":
            facts = {
                "tier": _name(step.standing.tier_code, programme),
                "ends_at": _instant(step.standing.period.ends_at),
            }
            _tell(
                *(dossier, Template.TIER_KEPT, step.standing, facts, step.at),
                is_news=before.warning is not None,
            )
        case "downgraded":
            _tell_of_downgrade(dossier, before, step, programme)
        case "recovered":
            facts = {
                "tier": _name(step.standing.tier_code, programme),
                "ends_at": _instant(step.standing.period.ends_at),
            }
            _tell(dossier, Template.TIER_RECOVERED, step.standing, facts, step.at, is_news=True)
        case "floor_ending":
            _tell_of_floor(dossier, step, programme)
        case _:
            return


def _at_stake(step: Step, programme: Programme) -> Facts:
    warning = step.standing.warning
    assert warning is not None
    return {
        "tier": _name(step.standing.tier_code, programme),
        "score": step.score,
        "needed": step.needed,
        "gap": step.gap,
        "ends_at": _instant(warning.ends_at),
        "otherwise": _text(falls_to(step.standing, step.score, programme)),
    }


def _tell_of_grace(dossier: Dossier, step: Step, programme: Programme) -> None:
    warning = step.standing.warning
    assert warning is not None
    tasks = [dict(name) for name in names(warning.tasks)]
    left = rest(warning.tasks, warning.gap)
    if left:
        tasks.append({"zh-CN": f"消费再得 {left} 分", "en": f"Purchases worth {left} score points"})
    facts = _at_stake(step, programme) | {"tasks": tasks}
    _tell(dossier, Template.TIER_GRACE, step.standing, facts, step.at)


def _tell_of_downgrade(
    dossier: Dossier, before: Standing, step: Step, programme: Programme
) -> None:
    lost = step.standing.recovery
    assert lost is not None
    facts: Facts = {
        "tier": _name(step.standing.tier_code, programme),
        "from_tier": _name(before.tier_code, programme),
        "needed": step.needed,
        "gap": step.gap,
        "recover_by_at": _instant(lost.by),
    }
    _tell(dossier, Template.TIER_DOWNGRADED, step.standing, facts, step.at, is_news=True)


def _tell_of_floor(dossier: Dossier, step: Step, programme: Programme) -> None:
    floor = step.standing.floor
    assert floor is not None
    facts: Facts = {
        "tier": _name(floor.tier_code, programme),
        "otherwise": _name(step.standing.tier_code, programme),
        "ends_at": _instant(floor.ends_at),
    }
    _tell(dossier, Template.TIER_FLOOR_ENDING, step.standing, facts, step.at)


def _tell(
    dossier: Dossier,
    template: Template,
    after: Standing,
    facts: Facts,
    at: datetime,
    *,
    is_news: bool = False,
) -> None:
    """With `is_news` however long ago that was: only who was warned comes to it, so no import."""
    cause = f"{after.tier_code}:{_instant(after.period.opened_at)}:{_instant(at)}"
    notify(
        dossier.desk.changes,
        dossier.desk.member.member_id,
        template,
        cause,
        facts,
        occurred_at=at,
        now=dossier.desk.now,
        is_news=is_news,
    )


def _name(code: str, programme: Programme) -> dict[str, str]:
    return _text(programme.tiers.tier(code))


def _text(tier: Tier) -> dict[str, str]:
    return {"zh-CN": tier.name.zh_cn, "en": tier.name.en}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
