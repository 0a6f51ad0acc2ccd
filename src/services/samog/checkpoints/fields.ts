import type { SessionUsage } from '../../../forwarding/accelerator.ts';
import type { AccessPath, UeAddress } from '../../../forwarding/entry.ts';
import type { Ipv4Address } from '../../../kernel/address.ts';
import {
  bool,
  bytes,
  double,
  enumOf,
  ipAddress,
  mac,
  ordinal,
  tally,
  text,
  u32,
  uint,
  type ValueCodec,
} from '../../../wire/checkpoint/codec.ts';
import { type Field, field, list, optional, type RecordCodec, recordOf } from '../../../wire/checkpoint/record.ts';
import { unionOf, variant } from '../../../wire/checkpoint/union.ts';
import type { Account, AccountRecord, AccountSubject, Counted, ToldAt } from '../accounting/account.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import type { AcceptReply, OutstandingChallenge, RadiusAttachment } from '../attachment.ts';
import type { AccessListNames, AggregateRates, BearerGrant } from '../grants.ts';
import type {
  AccessBinding,
  Cleanup,
  DurableSession,
  Lease,
  MoveRecord,
  Phase,
  Reauthorization,
  S2aBinding,
  S2aRequest,
  UntoldNas,
  WlcAccount,
} from '../session/state.ts';
import type { EndReason } from '../statistics.ts';
import type { Subscriber } from '../subscriber.ts';
import { instant } from './instant-codec.ts';

/**
 * The fields of a session on the wire between two chassis. The types of the state are those of the tables: a field added
 * to the state and forgotten here does not compile. A tag, and a number of an enumeration, is given once and never reused.
 */

/** A non-negative integer of at most `max`; a greater one is refused. */
function upTo(max: number): ValueCodec<number> {
  return {
    ...uint,
    read: (source) => {
      const value = source.varint();
      if (value > max) source.fail('bad-value');
      return value;
    },
  };
}

const u16 = upTo(0xffff);

const ipv4: ValueCodec<Ipv4Address> = {
  ...ipAddress,
  absent: 0 as Ipv4Address,
  read: (source) => {
    const address = ipAddress.read(source);
    if (typeof address !== 'number') source.fail('bad-value');
    return address as Ipv4Address;
  },
};

const accessPath: ValueCodec<AccessPath> = unionOf('kind', {
  eogre: variant(
    1,
    recordOf({
      peer: field(1, ipAddress),
      key: field(2, optional(u32)),
      vlan: field(3, optional(upTo(4094))),
    }),
  ),
  pmipv6: variant(
    2,
    recordOf({
      peer: field(1, ipAddress),
      uplinkKey: field(2, u32),
      downlinkKey: field(3, u32),
    }),
  ),
  ip: variant(3, recordOf({ peer: field(1, ipAddress), address: field(2, ipv4) })),
});

const subscriber: RecordCodec<Subscriber> = recordOf({
  nai: field(1, optional(text)),
  apn: field(2, optional(text)),
  lma: field(3, optional(ipAddress)),
  homeAddress: field(4, optional(ipv4)),
  sessionTimeoutSeconds: field(5, optional(u32)),
  idleTimeoutSeconds: field(6, optional(u32)),
  classes: field(7, list(bytes)),
  chargeableUserIdentity: field(8, optional(bytes)),
  imsi: field(9, optional(text)),
  userName: field(10, optional(text)),
  interimIntervalSeconds: field(11, optional(u32)),
  terminationAction: field(40, enumOf({ end: 1, ask: 2 }), 'end'),
  state: field(41, optional(bytes)),
});

const accessLists: RecordCodec<AccessListNames> = recordOf({
  uplink: field(1, optional(text)),
  downlink: field(2, optional(text)),
});

const grantSource = enumOf({ accept: 1, change: 2 });

const ambr: RecordCodec<AggregateRates> = recordOf({
  uplinkKbps: field(1, uint),
  downlinkKbps: field(2, uint),
  source: field(3, grantSource),
});

const bearer: RecordCodec<BearerGrant> = recordOf({
  qci: field(1, upTo(0xff)),
  priorityLevel: field(2, upTo(15)),
  mayPreempt: field(3, bool),
  mayBePreempted: field(4, bool),
  rates: field(
    5,
    optional(
      recordOf({
        uplinkKbps: field(1, uint),
        downlinkKbps: field(2, uint),
        uplinkGuaranteedKbps: field(3, uint),
        downlinkGuaranteedKbps: field(4, uint),
      }),
    ),
  ),
  source: field(6, grantSource),
});

const answeredRequest: RecordCodec<AnsweredRequest> = recordOf({
  client: field(1, ipAddress),
  port: field(2, u16),
  identifier: field(3, upTo(0xff)),
  authenticator: field(4, bytes),
});

const reauthorization: RecordCodec<Reauthorization> = recordOf({
  revision: field(1, ordinal),
  answered: field(2, optional(answeredRequest)),
});

const ueAddress: RecordCodec<UeAddress> = recordOf({
  address: field(1, ipAddress),
  prefixLength: field(2, upTo(128)),
  router: field(3, ipAddress),
});

const s2aBinding: RecordCodec<S2aBinding> = recordOf({
  peer: field(1, ipAddress),
  uplinkKey: field(2, u32),
  downlinkKey: field(3, u32),
  sequence: field(4, u16),
  lifetimeSeconds: field(5, u32),
  refreshAt: field(6, instant),
  expiresAt: field(7, instant),
});

const accessBinding: RecordCodec<AccessBinding> = recordOf({
  mag: field(1, ipAddress),
  magPort: field(2, u16),
  nai: field(3, text),
  sequence: field(4, u16),
  timestamp: field(5, optional(double)),
  lifetimeSeconds: field(6, u32),
  expiresAt: field(7, instant),
});

const lease: RecordCodec<Lease> = recordOf({
  state: field(1, enumOf({ offered: 1, bound: 2 })),
  expiresAt: field(2, instant),
  relayInformation: field(3, optional(bytes)),
});

const moves: RecordCodec<MoveRecord> = recordOf({
  previous: field(1, optional(accessPath)),
  previousUntil: field(2, instant),
  count: field(3, ordinal),
  dataWindowStart: field(4, instant),
  dataSwitches: field(5, ordinal),
  lastTimestamp: field(6, optional(double)),
});

const cleanup: RecordCodec<Cleanup> = recordOf({
  mag: field(1, ipAddress),
  magPort: field(2, u16),
  nai: field(3, text),
  trigger: field(4, upTo(0xff)),
  sequence: field(5, u16),
  attempt: field(6, ordinal),
  nextAt: field(7, instant),
});

const nothing = recordOf({});
const until = recordOf({ until: field(1, instant) });
const phase: ValueCodec<Phase> = unionOf('kind', {
  Established: variant(1, nothing),
  Released: variant(2, until),
  Deregistered: variant(3, until),
  Admitted: variant(4, until),
});

const radiusAttachment: RecordCodec<RadiusAttachment> = recordOf({
  nas: field(1, ipAddress),
  nasIdentifier: field(2, optional(text)),
  acctSessionId: field(3, optional(text)),
  callingStationId: field(4, text),
  calledStationId: field(5, optional(text)),
  userName: field(6, optional(text)),
  eapType: field(7, optional(upTo(0xff))),
  accessType: field(8, enumOf({ pmip: 1, eogre: 2, ip: 3 })),
});

export const untoldNas: RecordCodec<UntoldNas> = recordOf({
  attachment: field(1, radiusAttachment),
  until: field(2, instant),
});

const acceptReply: RecordCodec<AcceptReply> = recordOf({
  client: field(1, ipAddress),
  port: field(2, u16),
  identifier: field(3, upTo(0xff)),
  authenticator: field(4, bytes),
  sealed: field(5, bytes),
  until: field(6, instant),
});

const challenge: RecordCodec<OutstandingChallenge> = recordOf({
  nas: field(1, ipAddress),
  state: field(2, optional(bytes)),
  eapIdentifier: field(3, optional(upTo(0xff))),
  rounds: field(4, ordinal),
  server: field(5, text),
  until: field(6, instant),
});

export const requestFields = {
  purpose: field(1, enumOf({ initial: 1, refresh: 2, deregistration: 3 })),
  firstSequence: field(2, u16),
  sequence: field(3, u16),
  attempt: field(4, ordinal),
  retryAt: field(5, instant),
} satisfies FieldsOf<S2aRequest>;

export const s2aRequest: RecordCodec<S2aRequest> = recordOf(requestFields);

const counted = {
  uplinkPackets: field(1, tally),
  uplinkOctets: field(2, tally),
  downlinkPackets: field(3, tally),
  downlinkOctets: field(4, tally),
} satisfies FieldsOf<Counted>;

export const usage: RecordCodec<SessionUsage> = recordOf({ ...counted, lastActivity: field(5, optional(instant)) });

const toldAtFields = { second: field(1, u32), sessionSeconds: field(2, u32) } satisfies FieldsOf<ToldAt>;

const accountRecordFields = {
  ...toldAtFields,
  counted: field(3, recordOf(counted)),
  attachment: field(4, recordOf({ kind: field(1, enumOf({ eogre: 1, pmipv6: 2, ip: 3 })), peer: field(2, ipAddress) })),
} satisfies FieldsOf<AccountRecord>;

const accountSubject: RecordCodec<AccountSubject> = recordOf({
  mac: field(1, mac),
  userName: field(2, text),
  apn: field(3, optional(text)),
  addresses: field(4, list(ipAddress)),
  classes: field(5, list(bytes)),
  chargeableUserIdentity: field(6, optional(bytes)),
  imsi: field(7, optional(text)),
  multiSessionId: field(8, optional(text)),
});

export const account: RecordCodec<Account> = recordOf({
  beganAt: field(1, instant),
  start: field(2, optional(recordOf(accountRecordFields))),
  interim: field(3, optional(recordOf(accountRecordFields))),
  stop: field(
    4,
    optional(recordOf({ ...accountRecordFields, cause: field(5, u32), subject: field(6, accountSubject) })),
  ),
  told: field(5, recordOf(counted)),
  interimAt: field(6, instant),
  heldUntil: field(7, instant),
  hasChanged: field(8, bool),
  toldAt: field(9, optional(recordOf(toldAtFields))),
});

const wlcAccount: RecordCodec<WlcAccount> = recordOf({
  nas: field(1, ipAddress),
  identity: field(
    2,
    recordOf({
      acctSessionId: field(1, text),
      userName: field(2, optional(text)),
      apn: field(3, optional(text)),
      nasIpAddress: field(4, optional(ipv4)),
      framedIpAddress: field(5, optional(ipv4)),
      msisdn: field(6, optional(text)),
    }),
  ),
  multiSessionId: field(3, optional(text)),
  counted: field(4, recordOf(counted)),
  sessionSeconds: field(5, u32),
  answered: field(6, answeredRequest),
});

const endReasonNumbers = {
  'ue-release': 1,
  'mag-deregistration': 2,
  'lma-revocation': 3,
  'lma-rejected-refresh': 4,
  'lma-unreachable': 5,
  'session-timeout': 6,
  'idle-timeout': 7,
  'lease-expired': 8,
  'binding-expired': 9,
  'address-declined': 10,
  operator: 11,
  'aaa-disconnect': 12,
  'never-attached': 13,
  reauthorised: 14,
  'subscriber-changed': 15,
  'reauthentication-failed': 16,
  'nas-stop': 17,
} as const satisfies Record<EndReason, number>;

/** A reason that a newer chassis knows is shown as the operator's: what is owed does not depend on it. */
export const endReason: ValueCodec<EndReason> = enumOf(endReasonNumbers, 'operator');

/** The fields of a record whose value is `T`, none left out. */
export type FieldsOf<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

/** The durable state, by the names that it has there. Micro-checkpoints carry some of the same fields under the same tags. */
export const durableFields = {
  id: field(1, u32),
  mac: field(2, mac),
  nai: field(3, text),
  sessionType: field(4, enumOf({ pmipv6: 1, dhcp: 2, accounting: 3 })),
  subscriber: field(5, subscriber),
  addresses: field(6, list(ueAddress)),
  access: field(7, optional(accessPath)),
  eogreFlow: field(8, bool),
  s2a: field(9, s2aBinding),
  binding: field(10, optional(accessBinding)),
  lease: field(11, optional(lease)),
  moves: field(12, moves),
  cleanups: field(13, list(cleanup)),
  phase: field(14, phase),
  createdAt: field(15, instant),
  expiresAt: field(16, instant),
  accessLists: field(40, optional(accessLists)),
  ambr: field(41, optional(ambr)),
  bearer: field(42, optional(bearer)),
  reauthorization: field(43, optional(reauthorization)),
  /** 17 to 24 stand beside these in micro-checkpoints. */
  bornSecond: field(25, u32),
  account: field(26, optional(account)),
  radius: field(30, optional(radiusAttachment)),
  reply: field(31, optional(acceptReply)),
  challenge: field(32, optional(challenge)),
  wlc: field(33, optional(wlcAccount)),
  handoff: field(34, optional(recordOf({ until: field(1, instant), cause: field(2, u32) }))),
} satisfies FieldsOf<DurableSession>;
