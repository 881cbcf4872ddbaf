DROP TABLE community_profile;
DROP TABLE community_received;
DROP TABLE community_topic_follow;
DROP TABLE community_follow;
DROP TABLE community_like;
DROP TABLE community_comment;
DROP TABLE community_post;
