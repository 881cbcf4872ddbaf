DROP TABLE community_block;
