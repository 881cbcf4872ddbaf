-- What a merge turns to the survivor is found without reading the tables whole.
CREATE INDEX community_comment_post_author ON community_comment (post_member_id);
CREATE INDEX community_comment_parent_author ON community_comment (parent_member_id) WHERE parent_member_id IS NOT NULL;
CREATE INDEX community_post_answered_by ON community_post (accepted_member_id) WHERE accepted_member_id IS NOT NULL;
CREATE INDEX community_share_author ON community_share (post_member_id) WHERE post_member_id IS NOT NULL;
