PRAGMA application_id = 1398885703;
PRAGMA user_version = 1;
CREATE TABLE sessions (
    call_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, written_at INTEGER NOT NULL, checksum INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
INSERT INTO sessions VALUES (654201418, 1, 1795401132905, 3455155617, x'0100000001000000010692010106800104caa4f9b7020a0602005e1000020e0c3032303035653130303030321002160a0a08696e7465726e65741a0e06040a2d000308100e040a2d00011e07010604c0000229200126230604c00002140880bda5f00d0ccaa4f9b70210dab10114901c18fce892031cbcb8b7032e07040208c4b8b7033205088b1210013a01013cc7010e0c040208b8010c0210b801144f');
INSERT INTO sessions VALUES (3654634146, 3, 1795401134121, 3136279748, x'01000000030000000306b2010106a00104a295d5ce0d0a0602005e1000010e0c3032303035653130303030311002160a0a08696e7465726e65741a0e06040a2d000208100e040a2d00011e07010604c0000229200126230604c000021408ecc0eaa90d0ca295d5ce0d10c4ca0114901c18f4d592031cb4a5b7032e07040208a2b5b70332250613020604c000021f08a295d5ce0d0c9dffd9e30d08c21a0c01100119427a2063f2af1fee3a01013ccf140e0c041b08b4130c1b10b4131413');
CREATE TABLE usage (
    call_id INTEGER PRIMARY KEY, uplink_packets INTEGER NOT NULL, uplink_octets INTEGER NOT NULL,
    downlink_packets INTEGER NOT NULL, downlink_octets INTEGER NOT NULL, last_activity_at INTEGER,
    written_at INTEGER NOT NULL
  ) STRICT;
INSERT INTO usage VALUES (654201418, 61, 5612, 61, 5612, 1795401135814, 1795401135817);
INSERT INTO usage VALUES (3654634146, 61, 5612, 61, 5612, 1795401135813, 1795401135898);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('forwarding:arp.answered', 1);
INSERT INTO counters VALUES ('forwarding:dhcp.delivered', 3);
INSERT INTO counters VALUES ('forwarding:downlink.octets', 11224);
INSERT INTO counters VALUES ('forwarding:downlink.packets', 122);
INSERT INTO counters VALUES ('forwarding:uplink.octets', 11224);
INSERT INTO counters VALUES ('forwarding:uplink.packets', 122);
INSERT INTO counters VALUES ('samog:bra.received', 1);
INSERT INTO counters VALUES ('samog:bri.sent', 1);
INSERT INTO counters VALUES ('samog:dhcp.ack', 2);
INSERT INTO counters VALUES ('samog:dhcp.discover', 1);
INSERT INTO counters VALUES ('samog:dhcp.offer', 1);
INSERT INTO counters VALUES ('samog:dhcp.request', 2);
INSERT INTO counters VALUES ('samog:handoff.pmip-to-eogre.accepted', 1);
INSERT INTO counters VALUES ('samog:handoff.pmip-to-eogre.received', 1);
INSERT INTO counters VALUES ('samog:pba.sent', 1);
INSERT INTO counters VALUES ('samog:pbu.initial.accepted', 1);
INSERT INTO counters VALUES ('samog:pbu.initial.received', 1);
INSERT INTO counters VALUES ('samog:pbu.received', 1);
INSERT INTO counters VALUES ('samog:radius.access-accept.received', 2);
INSERT INTO counters VALUES ('samog:radius.access-request.sent', 2);
INSERT INTO counters VALUES ('samog:s2a.heartbeat.received', 1);
INSERT INTO counters VALUES ('samog:s2a.heartbeat.sent', 1);
INSERT INTO counters VALUES ('samog:s2a.pba.accepted', 2);
INSERT INTO counters VALUES ('samog:s2a.pba.received', 2);
INSERT INTO counters VALUES ('samog:s2a.pbu.initial.sent', 2);
INSERT INTO counters VALUES ('samog:session.attempted', 2);
INSERT INTO counters VALUES ('samog:session.setup', 2);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('chassis', 'samog-a');
INSERT INTO meta VALUES ('clean', '1');
