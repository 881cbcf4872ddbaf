-- Tables that point at each other go together. The role stays: it belongs to the whole cluster.
DROP TABLE
    job, invitation, referral, redemption, coupon, badge, check_in, tier_change, standing,
    refund, purchase, inbox, usage, hold, lot_move, lot, transfer, wallet, decision,
    idempotency, staff_action, credential, member, schedule_run, api_key, reward_code,
    reward_stock, programme_version, service_key, event_key, coupon_code, referral_code,
    external_id, contact;
DROP FUNCTION refuse_change();
REVOKE ALL ON tortoise_migrations FROM accrue_app;
REVOKE ALL ON SCHEMA public FROM accrue_app;
