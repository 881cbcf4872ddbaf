DROP TABLE staff_proposal;
DROP TABLE staff_head;
DROP TABLE staff_act;
