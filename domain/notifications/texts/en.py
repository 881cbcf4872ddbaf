"""What are members told in English where the operator says nothing else?"""

from collections.abc import Mapping

from domain.notifications.texts import Words
from domain.programme.model.messages import Template

_GIVEN = (
    "{% if points %} You get {{ points }} points.{% endif %}"
    "{% if coupons %} Your coupons: {{ coupons | join(', ') }}.{% endif %}"
)

EN: Mapping[Template, Words] = {
    Template.WELCOME: Words(
        title="Welcome to {{ programme }}",
        body="Good to have you here, {{ nickname }}." + _GIVEN,
        sms="Welcome to {{ programme }}.{% if points %} {{ points }} points are yours.{% endif %}",
    ),
    Template.BIRTHDAY: Words(
        title="Happy birthday, {{ nickname }}",
        body="{{ programme }} wishes you a happy birthday." + _GIVEN,
        sms="Happy birthday!{% if points %} {{ points }} points are yours.{% endif %}",
    ),
    Template.CHECK_IN_REMINDER: Words(
        title="Don't forget to check in",
        body=(
            "{% if streak_days %}You have checked in {{ streak_days }} days in a row: keep it up."
            "{% else %}Start a new streak today.{% endif %}"
        ),
        sms=(
            "{% if streak_days %}You have checked in {{ streak_days }} days in a row. "
            "{% endif %}Check in today."
        ),
    ),
    Template.POINTS_EXPIRING: Words(
        title="{{ points }} points expire soon",
        body="{{ points }} of your points expire before {{ expires_at }}. Use them in time.",
        sms="{{ points }} of your points expire before {{ expires_at }}.",
    ),
    Template.COUPONS_EXPIRING: Words(
        title="Coupons expire soon",
        body="Use them before {{ expires_at }}: {{ coupons | join(', ') }}.",
        sms="Coupons of yours expire before {{ expires_at }}: {{ coupons | join(', ') }}.",
    ),
    Template.CREDIT_RECEIVED: Words(
        title="A red packet: {{ amount }}",
        body=(
            "{{ amount }} of credit is yours to spend in the shop."
            "{% if waits %} You can use it once the orders behind it are settled.{% endif %}"
            "{% if expires_at %} Use it by {{ expires_at }}.{% endif %}"
        ),
        sms=(
            "A red packet: {{ amount }} to spend in the shop."
            "{% if expires_at %} Use it by {{ expires_at }}.{% endif %}"
        ),
    ),
    Template.CREDIT_EXPIRING: Words(
        title="{{ amount }} of credit expires soon",
        body="Use {{ amount }} of your credit by {{ expires_at }}; after that it is gone.",
        sms="Use {{ amount }} of your credit by {{ expires_at }}.",
    ),
    Template.TIER_UPGRADED: Words(
        title="You are {{ tier }} now",
        body="Congratulations: you went up from {{ from_tier }} to {{ tier }}.",
        sms="Congratulations, you are {{ tier }} now.",
    ),
    Template.TIER_GIFTS: Words(
        title="Your {{ tier }} gifts are here",
        body="These come with {{ tier }}." + _GIVEN,
        sms="Your {{ tier }} gifts are here.{% if points %} {{ points }} points.{% endif %}",
    ),
    Template.TIER_FELL: Words(
        title="You are {{ tier }} again",
        body=(
            "An order that counted for {{ from_tier }} was sent back, so you are {{ tier }} again."
            " You can reach {{ from_tier }} with your next orders."
        ),
        sms="After a refund you are {{ tier }} again. New orders count for {{ from_tier }}.",
    ),
    Template.TIER_WARNED: Words(
        title="Keep {{ tier }}: {{ gap }} to go",
        body=(
            "To keep {{ tier }} you need a score of {{ needed }} by {{ ends_at }}. You have"
            " {{ score }}, so {{ gap }} is missing. Otherwise you will be {{ otherwise }}."
        ),
        sms=(
            "Keep {{ tier }}: score {{ score }} of {{ needed }}, {{ gap }} to go by {{ ends_at }}."
            " Otherwise {{ otherwise }}."
        ),
        subject="Your {{ tier }} tier ends on {{ ends_at }}",
        email=(
            "Dear {{ nickname }},\n\n"
            "your {{ tier }} tier is judged on {{ ends_at }}.\n\n"
            "Your score: {{ score }}\nNeeded: {{ needed }}\nMissing: {{ gap }}\n\n"
            "If it isn't reached by then, you will be {{ otherwise }} from that day on."
            " Orders, check-ins and reviews raise your score."
        ),
    ),
    Template.TIER_GRACE: Words(
        title="Tasks to keep {{ tier }}",
        body=(
            "{{ gap }} is missing to keep {{ tier }} until {{ ends_at }}."
            "{% if tasks %} These tasks close the gap: {{ tasks | join(', ') }}.{% endif %}"
            " Otherwise you will be {{ otherwise }}."
        ),
        sms="{{ gap }} to go to keep {{ tier }} by {{ ends_at }}. Your tasks are in the app.",
        subject="Tasks that keep your {{ tier }} tier",
        email=(
            "Dear {{ nickname }},\n\n"
            "you have a score of {{ score }} and need {{ needed }} by {{ ends_at }} to keep"
            " {{ tier }}: {{ gap }} is missing.\n"
            "{% if tasks %}\nThese tasks close the gap:\n"
            "{% for task in tasks %}- {{ task }}\n{% endfor %}{% endif %}"
            "\nOtherwise you will be {{ otherwise }} from that day on."
        ),
    ),
    Template.TIER_KEPT: Words(
        title="You keep {{ tier }}",
        body="Well done: you are {{ tier }} until {{ ends_at }}.",
        sms="You keep {{ tier }} until {{ ends_at }}.",
    ),
    Template.TIER_DOWNGRADED: Words(
        title="You are {{ tier }} now",
        body=(
            "Your score didn't reach what {{ from_tier }} needs, so you are {{ tier }} now."
            " Reach {{ needed }} by {{ recover_by_at }} ({{ gap }} to go) and you are"
            " {{ from_tier }} again."
        ),
        sms=(
            "You are {{ tier }} now. {{ gap }} more by {{ recover_by_at }}"
            " restores {{ from_tier }}."
        ),
        subject="You are {{ tier }} now; how to get {{ from_tier }} back",
        email=(
            "Dear {{ nickname }},\n\n"
            "your score didn't reach what {{ from_tier }} needs, so you are {{ tier }} now.\n\n"
            "You can have {{ from_tier }} back: reach a score of {{ needed }} by"
            " {{ recover_by_at }}. {{ gap }} is missing. Orders, check-ins and reviews count."
        ),
    ),
    Template.TIER_RECOVERED: Words(
        title="{{ tier }} is yours again",
        body="Well done: you are {{ tier }} again, until {{ ends_at }}.",
        sms="You are {{ tier }} again, until {{ ends_at }}.",
    ),
    Template.TIER_FLOOR_ENDING: Words(
        title="{{ tier }} ends on {{ ends_at }}",
        body="You were given {{ tier }} until {{ ends_at }}. After it you will be {{ otherwise }}.",
        sms="{{ tier }} ends on {{ ends_at }}; after it you will be {{ otherwise }}.",
    ),
    Template.TASK_COMPLETED: Words(
        title="Done: {{ task }}",
        body="You completed {{ task }}." + _GIVEN,
        sms="You completed {{ task }}.{% if points %} {{ points }} points are yours.{% endif %}",
    ),
    Template.CHALLENGE_PRIZE: Words(
        title="Rank {{ rank }} in {{ challenge }}",
        body="You came in at rank {{ rank }} in {{ challenge }}." + _GIVEN,
        sms="Rank {{ rank }} in {{ challenge }}.{% if points %} {{ points }} points.{% endif %}",
    ),
    Template.MEETUP_SEAT: Words(
        title="There is a seat for you at “{{ meetup }}”",
        body="You waited for “{{ meetup }}” and have a seat now. If you can't come, cancel it.",
        sms="You have a seat at “{{ meetup }}” now.",
    ),
    Template.MEETUP_CALLED_OFF: Words(
        title="“{{ meetup }}” was called off",
        body=(
            "“{{ meetup }}” ({{ starts_at }}), for which you signed up, doesn't take place:"
            " {{ reason }}. Your ticket isn't good any more. We are sorry."
        ),
        sms="“{{ meetup }}” doesn't take place: {{ reason }}.",
    ),
    Template.CONTENT_HIDDEN: Words(
        title="What you wrote was hidden",
        body="The reason: {{ reason }}. If you object, appeal in the community.",
        sms="What you wrote in the community was hidden: {{ reason }}.",
    ),
    Template.COMMUNITY_BANNED: Words(
        title="You may not write in the community",
        body=(
            "The reason: {{ reason }}. {% if ends_at %}Until {{ ends_at }}. {% endif %}"
            "You may go on reading. If you object, appeal."
        ),
        sms="You may not write in the community: {{ reason }}.",
    ),
    Template.APPEAL_DECIDED: Words(
        title="Your appeal was {% if accepted %}accepted{% else %}dismissed{% endif %}",
        body="{{ answer }}",
        sms="Your appeal was {% if accepted %}accepted{% else %}dismissed{% endif %}: {{ answer }}",
    ),
    Template.BADGE_AWARDED: Words(
        title="New badge: {{ badge }}",
        body="You earned the badge {{ badge }}.",
        sms="You earned the badge {{ badge }}.",
    ),
    Template.REWARD_SHIPPED: Words(
        title="{{ reward }} is on its way",
        body="We have sent {{ reward }} to you.",
        sms="{{ reward }} is on its way to you.",
    ),
    Template.NEW_DEVICE: Words(
        title="Your account is used on a new device",
        body=(
            "If that was you, confirm the device in the app; until then at most {{ points }} points"
            " can leave from it a day. If it wasn't you, forget it under your devices at once."
        ),
        sms="Your account is used on a new device. Not you? Forget it under your devices.",
    ),
    Template.ACCOUNT_AWAKE: Words(
        title="Your account is used again",
        body=(
            "Nobody was here for a long time. For {{ hours }} hours at most {{ points }} points can"
            " leave, unless you confirm that it is you. If it isn't you, tell us at once."
        ),
        sms="Your account is used again after a long time. If it isn't you, tell us at once.",
    ),
    Template.DEVICE_CODE: Words(
        title="Your code",
        subject="Your code: {{ code }}",
        body="{{ code }} is your code. It is good for 10 minutes. Never give it to anybody.",
        sms="{{ code }} is your code, good for 10 minutes. Never give it to anybody.",
    ),
    Template.MEMBERS_MERGED: Words(
        title="Your memberships are one",
        body="Your membership and that of {{ other }} are one now: points, coupons and tier.",
        sms="Your membership and that of {{ other }} are one now.",
    ),
}
