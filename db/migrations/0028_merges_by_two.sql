-- What a merge brings may need a second of the staff, too.
ALTER TABLE staff_proposal DROP CONSTRAINT staff_proposal_verb_check;
ALTER TABLE staff_proposal ADD CONSTRAINT staff_proposal_verb_check CHECK (verb IN ('adjustPoints',
    'adjustCredit', 'grantCredit', 'issueCoupons', 'makeVouchers', 'mergeMembers'));
