import { ipAddress, mac, u32 } from '../../../wire/checkpoint/codec.ts';
import { type PayloadCodec, payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, list, optional, type RecordFields, recordOf } from '../../../wire/checkpoint/record.ts';
import { unionOf, variant } from '../../../wire/checkpoint/union.ts';
import { command } from './commands.ts';
import { durableFields, endReason, requestFields, s2aRequest, untoldNas, usage } from './fields.ts';
import { instant } from './instant-codec.ts';
import type { Fact } from './saved-session.ts';

/** Version of the tables below; a reader needs none of it, since tags say what a field is. */
const schemaVersion = 1;

const { access, sessionType, moves, phase, binding, lease, cleanups, s2a, account } = durableFields;
const { subscriber, expiresAt, reauthorization, accessLists, ambr, bearer, radius, reply, challenge, wlc, handoff } =
  durableFields;

/** All that AAA says of a session, so that of a change none is known without the rest. */
const granted = { subscriber, expiresAt, accessLists, ambr, bearer };

/** All that a change of access can change. */
const switched = { access, sessionType, moves, phase, binding, lease, cleanups };

/** A micro-checkpoint that carries facts of a live session as they are now, whatever they were before. */
export interface FactCommand {
  readonly cmdId: number;
  readonly name: string;
  readonly facts: readonly Fact[];
  readonly payload: PayloadCodec<Readonly<Record<string, unknown>>>;
}

/**
 * The facts of a command are fixed from its first release on: an absent field says that there is no value, not that the
 * sender is older, so a fact added later would be erased by those. It takes a command of its own.
 * @param beside fields for the reader of the stream that are no facts of the session
 */
function carrying(
  { cmdId, name }: { readonly cmdId: number; readonly name: string },
  facts: Readonly<Partial<Record<Fact, RecordFields[string]>>>,
  beside: RecordFields = {},
): FactCommand {
  const fields: RecordFields = { ...facts, ...beside };
  return { cmdId, name, facts: Object.keys(facts) as Fact[], payload: payloadOf(schemaVersion, recordOf(fields)) };
}

export const factCommand = {
  accessSwitch: carrying(command.accessSwitch, switched),
  /** With the gateway's MAC address, as the catalogue has it: the standby knows it by its own configuration. */
  eogreTunnel: carrying(command.eogreTunnel, switched, { vmac: field(24, mac) }),
  /** Binding status and delay until deletion are the phase, the lifetime is the binding's. */
  mipv6Timer: carrying(command.mipv6Timer, { binding, phase, moves }),
  reauthentication: carrying(command.reauthentication, { ...granted, radius, reply, challenge }),
  accountingStart: carrying(command.accountingStart, { wlc, handoff }),
  handoffInit: carrying(command.handoffInit, { wlc, handoff }),
  accountingInterim: carrying(command.accountingInterim, { wlc }),
  handoffAuthentication: carrying(command.handoffAuthentication, {
    ...granted,
    radius,
    reply,
    challenge,
  }),
  multiRound: carrying(command.multiRound, { challenge }),
  lease: carrying(command.lease, { lease, phase }),
  s2aBinding: carrying(command.s2aBinding, { s2a, request: field(17, optional(s2aRequest)) }),
  /** 83, 168 and 167 follow 173, and say again what it has said: it alone is the change. */
  accessLists: carrying(command.accessLists, { accessLists }),
  ambr: carrying(command.ambr, { ambr }),
  bearerQos: carrying(command.bearerQos, { bearer }),
  reauthorization: carrying(command.reauthorization, { ...granted, reauthorization }),
  cleanups: carrying(command.cleanups, { cleanups }),
  statistics: carrying(command.statistics, { usage: field(18, usage) }),
  /** Says what 258 says, of a session whose bearer is for media. */
  mediaStatistics: carrying(command.mediaStatistics, { usage: field(18, usage) }),
  account: carrying(command.account, { account }),
  idleSeconds: carrying(command.idleSeconds, { idleAt: field(19, optional(instant)) }),
} as const satisfies Readonly<Record<string, FactCommand>>;

/** Every micro-checkpoint that carries facts of a session, by its CMD-ID. */
export const factCommands: ReadonlyMap<number, FactCommand> = new Map(
  Object.values(factCommand).map((each) => [each.cmdId, each]),
);

const pdn = unionOf('phase', {
  /** The deregistration is on its way. */
  deleting: variant(1, recordOf(requestFields)),
  /** The LMA has none of it, or has been silent to the end: what is left is owed to MAGs. */
  deleted: variant(2, recordOf({})),
});

/** 169: the session serves its UE no more. */
export const deletePdn = payloadOf(
  schemaVersion,
  recordOf({
    s2a,
    cleanups,
    account,
    reason: field(20, endReason),
    pdn: field(21, pdn),
    nas: field(22, optional(untoldNas)),
  }),
);

/** 1: nothing is left of the session; what the standby may free with it. */
export const invalidate = payloadOf(
  schemaVersion,
  recordOf({
    mac: durableFields.mac,
    nai: durableFields.nai,
    reason: field(20, optional(endReason)),
    addresses: field(22, list(ipAddress)),
    /** The GRE keys that were ours to give. */
    keys: field(23, list(u32)),
  }),
);
