import { macOf } from '../../kernel/address.ts';
import { fromHex, utf8Encode } from '../bytes/text.ts';
import type { Vector } from '../bytes/vector.ts';
import type { SrpMessage } from './messages.ts';

const nonce = Uint8Array.from({ length: 32 }, (_, index) => index);
const digest = fromHex('00112233445566778899aabbccddeeff');

const vector = (hex: string, value: SrpMessage): Vector<SrpMessage> => ({
  name: value.kind,
  hex,
  provenance: 'this encoder; read by hand against the tables of messages.ts',
  value,
});

/** The body of a message of each kind, and of the less usual shapes. */
export const srpVectors: readonly Vector<SrpMessage>[] = [
  vector(
    '0620000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f08010c021209676174657761792d' + '6114011402',
    {
      kind: 'clientHello',
      nonce,
      versionMin: 1,
      versionMax: 2,
      chassisId: 'gateway-a',
      compressions: ['zstd', 'deflate'],
    },
  ),
  vector('0620000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f08010c011209676174657761792d' + '62', {
    kind: 'serverHello',
    nonce,
    versionMin: 1,
    versionMax: 1,
    chassisId: 'gateway-b',
    compressions: [],
  }),
  vector('04010802', { kind: 'proof', version: 1, compression: 'deflate' }),
  vector('0401', { kind: 'proof', version: 1, compression: undefined }),
  vector(
    '040208010c7d1003160602005e00000118011c0321427a20545f37b800261000112233445566778899aabbccddeeff28' +
      'a08d0630e724360704070880dddb0138033d4191c4f625000000410000000000000000460404050803',
    {
      kind: 'hello',
      state: 'PENDING_STANDBY',
      mode: 'primary',
      priority: 125,
      routeModifier: 3,
      tiebreaker: macOf(0x02005e000001),
      ready: true,
      handingOver: 'aaa-probe',
      wallClock: 1795384800123.5,
      configurationDigest: digest,
      sessions: 100_000,
      monitorsHealthy: false,
      number: 4711,
      lineage: { id: 7, ageMs: 3_600_000 },
      instances: 3,
      saidAt: 74_530_185.25,
      heardSaidAt: 0,
      store: { term: 5, as: 'standby' },
    },
  ),
  vector(
    '061000112233445566778899aabbccddeeff0a1973616d6f672e61646472657373203d203139322e302e322e310a000a' +
      '1573616d6f672e6e616d65203d204dc3bc6e737465720c01',
    {
      kind: 'configuration',
      digest,
      lines: ['samog.address = 192.0.2.1', '', 'samog.name = Münster'],
      answerWanted: true,
    },
  ),
  vector('040308070c8080808080201001', {
    kind: 'streamOpen',
    instance: 3,
    epoch: 7,
    lastAppliedSequence: 2 ** 40,
    nacks: 1,
    refill: false,
  }),
  vector(
    '040308070ce72412160480020cffffffff0f1209616c6c206f6620697414011206046e08050c0c120d08031203a5a5a5' + '14ffffffff0f',
    {
      kind: 'streamBatch',
      instance: 3,
      epoch: 7,
      firstSequence: 4711,
      records: [
        { cmdId: 256, nameIndex: 0, callId: 0xffffffff, payload: utf8Encode('all of it'), revision: 1 },
        { cmdId: 110, nameIndex: 5, callId: 12, payload: new Uint8Array(0), revision: 0 },
        { cmdId: 0, nameIndex: 3, callId: 0, payload: new Uint8Array(3).fill(0xa5), revision: 2 ** 32 - 1 },
      ],
    },
  ),
  vector('080710021401', { kind: 'streamAck', instance: 0, epoch: 7, sequence: 0, nacks: 2, gap: true }),
  vector('040108070c0c10c90118021cac022001', {
    kind: 'streamNack',
    instance: 1,
    epoch: 7,
    callId: 12,
    cmdId: 201,
    nameIndex: 0,
    reason: 'unknown-session',
    sequence: 300,
    serial: 1,
  }),
  vector('040108080cb9601003140118071808', {
    kind: 'resyncBegin',
    instance: 1,
    epoch: 8,
    sessions: 12_345,
    reason: 'backlog-overrun',
    sequence: 1,
    buckets: [7, 8],
  }),
  vector('040108080cb9601002', { kind: 'resyncEnd', instance: 1, epoch: 8, sessions: 12_345, sequence: 2 }),
  vector('040108080c63120a08effdb6f50d0c01100c120304ff01', {
    kind: 'digest',
    instance: 1,
    epoch: 8,
    sequence: 99,
    buckets: [
      { index: 0, high: 0xdeadbeef, low: 1, count: 12 },
      { index: 255, high: 0, low: 0, count: 0 },
    ],
  }),
  vector('0401080008ff010c081063', { kind: 'digestMismatch', instance: 1, buckets: [0, 255], epoch: 8, sequence: 99 }),
  vector('040308020c01121e060a706565722d72656164790e1033206f66203420696e7374616e636573', {
    kind: 'switchover',
    phase: 'refused',
    reason: 'manual',
    force: true,
    conditions: [{ name: 'peer-ready', passed: false, detail: '3 of 4 instances' }],
    positions: [],
  }),
  vector('04040802160808080c8080808020', {
    kind: 'switchover',
    phase: 'barrier',
    reason: 'manual',
    force: false,
    conditions: [],
    positions: [{ instance: 0, epoch: 8, sequence: 2 ** 33 }],
  }),
  vector('0402', { kind: 'goodbye', reason: 'shutdown' }),
  vector(
    '063106086c6d612d646f776e0a093139322e302e322e390c011205616c69636515427a20545f3000001a087469636b65742037061606' +
      '0d6e6f2d6161612d7365727665720c021203626f62',
    {
      kind: 'acknowledgements',
      taken: [
        {
          alarm: 'lma-down',
          about: '192.0.2.9',
          severity: 'warning',
          by: 'alice',
          wallClock: 1795384800000,
          note: 'ticket 7',
        },
        { alarm: 'no-aaa-server', about: undefined, severity: 'critical', by: 'bob', wallClock: 0, note: undefined },
      ],
    },
  ),
  vector('061641414543417751464267634943516f4c4441304f4477', { kind: 'logOut', logIns: ['AAECAwQFBgcICQoLDA0ODw'] }),
];
