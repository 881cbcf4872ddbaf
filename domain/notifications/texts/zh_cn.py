"""What are members told in Chinese where the operator says nothing else?"""

from collections.abc import Mapping

from domain.notifications.texts import Words
from domain.programme.model.messages import Template

_GIVEN = (
    "{% if points %}{{ points }} 积分已到账。{% endif %}"
    "{% if coupons %}优惠券：{{ coupons | join('、') }}。{% endif %}"
)

ZH_CN: Mapping[Template, Words] = {
    Template.WELCOME: Words(
        title="欢迎加入{{ programme }}",
        body="{{ nickname }}，很高兴认识您。" + _GIVEN,
        sms="欢迎加入{{ programme }}。{% if points %}{{ points }} 积分已到账。{% endif %}",
    ),
    Template.BIRTHDAY: Words(
        title="{{ nickname }}，生日快乐",
        body="{{ programme }}祝您生日快乐。" + _GIVEN,
        sms="祝您生日快乐！{% if points %}{{ points }} 积分已到账。{% endif %}",
    ),
    Template.CHECK_IN_REMINDER: Words(
        title="今天别忘了签到",
        body=(
            "{% if streak_days %}您已连续签到 {{ streak_days }} 天，继续保持。"
            "{% else %}从今天开始新的连续签到吧。{% endif %}"
        ),
        sms="{% if streak_days %}您已连续签到 {{ streak_days }} 天，{% endif %}今天别忘了签到。",
    ),
    Template.POINTS_EXPIRING: Words(
        title="{{ points }} 积分即将过期",
        body="您有 {{ points }} 积分将于{{ expires_at }}前过期，请尽快使用。",
        sms="您有 {{ points }} 积分将于{{ expires_at }}前过期，请尽快使用。",
    ),
    Template.COUPONS_EXPIRING: Words(
        title="优惠券即将到期",
        body="请在 {{ expires_at }} 前使用：{{ coupons | join('、') }}。",
        sms="您的优惠券将于 {{ expires_at }} 前到期：{{ coupons | join('、') }}。",
    ),
    Template.CREDIT_RECEIVED: Words(
        title="您收到一个 {{ amount }} 红包",
        body=(
            "{{ amount }} 红包已到账，购物时可抵用。"
            "{% if waits %}相关订单完结后即可使用。{% endif %}"
            "{% if expires_at %}请在{{ expires_at }}前使用（含当日）。{% endif %}"
        ),
        sms=(
            "您收到一个 {{ amount }} 红包，购物时可抵用。"
            "{% if expires_at %}请在{{ expires_at }}前使用（含当日）。{% endif %}"
        ),
    ),
    Template.CREDIT_EXPIRING: Words(
        title="{{ amount }} 红包余额即将过期",
        body="您有 {{ amount }} 红包余额请在{{ expires_at }}前使用（含当日），过期作废。",
        sms="您有 {{ amount }} 红包余额请在{{ expires_at }}前使用（含当日）。",
    ),
    Template.TIER_UPGRADED: Words(
        title="恭喜升级为{{ tier }}",
        body="恭喜您，会员等级已从{{ from_tier }}升为{{ tier }}。",
        sms="恭喜您升级为{{ tier }}会员。",
    ),
    Template.TIER_GIFTS: Words(
        title="{{ tier }}礼包已到账",
        body="您的{{ tier }}礼包已到账。" + _GIVEN,
        sms="您的{{ tier }}礼包已到账。{% if points %}{{ points }} 积分。{% endif %}",
    ),
    Template.TIER_FELL: Words(
        title="会员等级恢复为{{ tier }}",
        body=(
            "因计入{{ from_tier }}的订单已退货，您的等级恢复为{{ tier }}。"
            "继续购物可再次升至{{ from_tier }}。"
        ),
        sms="因订单退货，您的等级恢复为{{ tier }}，继续购物可再升至{{ from_tier }}。",
    ),
    Template.TIER_WARNED: Words(
        title="保级提醒：还差 {{ gap }} 分",
        body=(
            "保住{{ tier }}需要 {{ needed }} 分，您目前 {{ score }} 分，还差 {{ gap }} 分。"
            "请在{{ ends_at }}前达到，否则将降为{{ otherwise }}。"
        ),
        sms=(
            "{{ tier }}保级需{{ needed }}分，现{{ score }}分，还差{{ gap }}分，"
            "{{ ends_at }}前未达到将降为{{ otherwise }}。"
        ),
        subject="您的{{ tier }}将于{{ ends_at }}到期",
        email=(
            "{{ nickname }}，您好：\n\n"
            "您的{{ tier }}将于{{ ends_at }}评定。\n\n"
            "当前得分：{{ score }}\n所需得分：{{ needed }}\n还差：{{ gap }}\n\n"
            "届时若未达到，您的等级将降为{{ otherwise }}。下单、签到、评价均可提高得分。"
        ),
    ),
    Template.TIER_GRACE: Words(
        title="完成任务，保住{{ tier }}",
        body=(
            "距离保住{{ tier }}还差 {{ gap }} 分，截止{{ ends_at }}。"
            "{% if tasks %}完成以下任务即可补足：{{ tasks | join('、') }}。{% endif %}"
            "否则将降为{{ otherwise }}。"
        ),
        sms="{{ tier }}保级还差{{ gap }}分，请于{{ ends_at }}前完成应用内的保级任务。",
        subject="完成任务即可保住{{ tier }}",
        email=(
            "{{ nickname }}，您好：\n\n"
            "保住{{ tier }}需要在{{ ends_at }}前达到 {{ needed }} 分，"
            "您目前 {{ score }} 分，还差 {{ gap }} 分。\n"
            "{% if tasks %}\n完成以下任务即可补足：\n"
            "{% for task in tasks %}- {{ task }}\n{% endfor %}{% endif %}"
            "\n否则届时您的等级将降为{{ otherwise }}。"
        ),
    ),
    Template.TIER_KEPT: Words(
        title="保级成功：{{ tier }}",
        body="恭喜您保级成功，{{ tier }}有效期至{{ ends_at }}。",
        sms="恭喜您保级成功，{{ tier }}有效期至{{ ends_at }}。",
    ),
    Template.TIER_DOWNGRADED: Words(
        title="会员等级变更为{{ tier }}",
        body=(
            "因得分未达到{{ from_tier }}的要求，您的等级已变更为{{ tier }}。"
            "{{ recover_by_at }}前达到 {{ needed }} 分（还差 {{ gap }} 分）"
            "即可恢复{{ from_tier }}。"
        ),
        sms=(
            "您的等级已变更为{{ tier }}。{{ recover_by_at }}前再得{{ gap }}分"
            "可恢复{{ from_tier }}。"
        ),
        subject="您的等级已变更为{{ tier }}，以及如何恢复",
        email=(
            "{{ nickname }}，您好：\n\n"
            "因得分未达到{{ from_tier }}的要求，您的等级已变更为{{ tier }}。\n\n"
            "您可以恢复{{ from_tier }}：请在{{ recover_by_at }}前达到 {{ needed }} 分，"
            "目前还差 {{ gap }} 分。下单、签到、评价均可计入。"
        ),
    ),
    Template.TIER_RECOVERED: Words(
        title="已恢复{{ tier }}",
        body="恭喜您恢复为{{ tier }}，有效期至{{ ends_at }}。",
        sms="恭喜您恢复为{{ tier }}，有效期至{{ ends_at }}。",
    ),
    Template.TIER_FLOOR_ENDING: Words(
        title="{{ tier }}将于{{ ends_at }}到期",
        body="您获赠的{{ tier }}有效期至{{ ends_at }}，到期后等级为{{ otherwise }}。",
        sms="您获赠的{{ tier }}有效期至{{ ends_at }}，到期后等级为{{ otherwise }}。",
    ),
    Template.TASK_COMPLETED: Words(
        title="任务完成：{{ task }}",
        body="您已完成任务“{{ task }}”。" + _GIVEN,
        sms="您已完成任务“{{ task }}”。{% if points %}{{ points }} 积分已到账。{% endif %}",
    ),
    Template.CHALLENGE_PRIZE: Words(
        title="{{ challenge }}第 {{ rank }} 名",
        body="您在{{ challenge }}中获得第 {{ rank }} 名。" + _GIVEN,
        sms=(
            "您获得{{ challenge }}第{{ rank }}名。"
            "{% if points %}{{ points }} 积分已到账。{% endif %}"
        ),
    ),
    Template.MEETUP_SEAT: Words(
        title="「{{ meetup }}」有您的席位了",
        body="您候补的「{{ meetup }}」已有席位，凭票入场；不能来请及时取消。",
        sms="您候补的「{{ meetup }}」已有席位。",
    ),
    Template.MEETUP_CALLED_OFF: Words(
        title="「{{ meetup }}」已取消",
        body=(
            "您报名的「{{ meetup }}」（{{ starts_at }}）已取消：{{ reason }}。"
            "门票作废，给您带来不便，敬请谅解。"
        ),
        sms="您报名的「{{ meetup }}」已取消：{{ reason }}。",
    ),
    Template.CONTENT_HIDDEN: Words(
        title="您发布的内容已被隐藏",
        body="原因：{{ reason }}。如有异议，可在社区申诉。",
        sms="您在社区发布的内容已被隐藏：{{ reason }}。",
    ),
    Template.COMMUNITY_BANNED: Words(
        title="您已被禁止在社区发言",
        body=(
            "原因：{{ reason }}。{% if ends_at %}至{{ ends_at }}（含当日）。{% endif %}"
            "您仍可浏览；如有异议，可申诉。"
        ),
        sms="您已被禁止在社区发言：{{ reason }}。",
    ),
    Template.APPEAL_DECIDED: Words(
        title="{% if accepted %}申诉已通过{% else %}申诉未通过{% endif %}",
        body="{{ answer }}",
        sms="{% if accepted %}申诉已通过{% else %}申诉未通过{% endif %}：{{ answer }}",
    ),
    Template.BADGE_AWARDED: Words(
        title="获得徽章：{{ badge }}",
        body="恭喜您获得徽章“{{ badge }}”。",
        sms="恭喜您获得徽章“{{ badge }}”。",
    ),
    Template.REWARD_SHIPPED: Words(
        title="{{ reward }}已发货",
        body="您兑换的{{ reward }}已发货，请留意查收。",
        sms="您兑换的{{ reward }}已发货，请留意查收。",
    ),
    Template.NEW_DEVICE: Words(
        title="您的账户在新设备上使用",
        body=(
            "如为本人操作，请在应用内验证该设备；验证前每天最多可使用 {{ points }} 积分。"
            "如非本人操作，请立即在“我的设备”中移除。"
        ),
        sms="您的账户在新设备上使用。如非本人操作，请立即在应用“我的设备”中移除。",
    ),
    Template.ACCOUNT_AWAKE: Words(
        title="您的账户重新启用",
        body=(
            "您的账户长期未使用，现已重新启用。{{ hours }} 小时内最多可使用 {{ points }} 积分，"
            "验证身份后不受限制。如非本人操作，请立即联系我们。"
        ),
        sms="您长期未使用的账户已重新启用。如非本人操作，请立即联系我们。",
    ),
    Template.DEVICE_CODE: Words(
        title="验证码",
        subject="您的验证码：{{ code }}",
        body="您的验证码为 {{ code }}，10 分钟内有效，请勿告知他人。",
        sms="验证码 {{ code }}，10 分钟内有效，请勿告知他人。",
    ),
    Template.MEMBERS_MERGED: Words(
        title="您的会员账号已合并",
        body="您的会员账号已与 {{ other }} 合并，积分、优惠券和等级一并归入。",
        sms="您的会员账号已与 {{ other }} 合并。",
    ),
}
