PRAGMA application_id = 1398885703;
PRAGMA user_version = 1;
CREATE TABLE sessions (
    call_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, written_at INTEGER NOT NULL, checksum INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
INSERT INTO sessions VALUES (1696141775, 1, 1795401144324, 3627807414, x'01000000010000000106a6010106940104cfa3e4a8060a0602005e1000020e0c303230303565313030303032100216180a08696e7465726e65742a0c3032303035653130303030321a0e06040a2d000308100e040a2d00011e07010604c0000229200126230604c000021408a5f4fdab0e0ccfa3e4a80610d9860314901c18f8e892031cb8b8b7032e07040208c2b8b703320508a92910013a01013ccb0164b8cb8ed8060e0c040208b8010c0210b8011453');
INSERT INTO sessions VALUES (3101287005, 3, 1795401145532, 2849911662, x'01000000030000000306c6010106b40104ddc4e7c60b0a0602005e1000010e0c303230303565313030303031100216180a08696e7465726e65742a0c3032303035653130303030311a0e06040a2d000208100e040a2d00011e07010604c0000229200126230604c0000214089e95ea82080cddc4e7c60b10b6a00214901c1884d692031cc4a5b7032e07040208aab5b70332250613020604c000021f08ddc4e7c60b0c87ae959d0a08ca1a0c01100119427a2063f578301e3a01013cbf1464b8cb8ed8060e0c041b08b4130c1b10b4131402');
CREATE TABLE usage (
    call_id INTEGER PRIMARY KEY, uplink_packets INTEGER NOT NULL, uplink_octets INTEGER NOT NULL,
    downlink_packets INTEGER NOT NULL, downlink_octets INTEGER NOT NULL, last_activity_at INTEGER,
    written_at INTEGER NOT NULL
  ) STRICT;
INSERT INTO usage VALUES (1696141775, 61, 5612, 61, 5612, 1795401147233, 1795401147259);
INSERT INTO usage VALUES (3101287005, 61, 5612, 61, 5612, 1795401147233, 1795401147365);
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
