import { formatMac } from '../../kernel/address.ts';
import { toHex } from '../bytes/text.ts';
import type { Frame } from './frame.ts';
import { isMessageType } from './message-codec.ts';
import type { SrpMessage, SrpMessageKind } from './messages.ts';

/** One line for people, such as `streamAck instance 3 epoch 7 sequence 4711`. Nonces and payloads show their length. */
export function describeMessage(message: SrpMessage): string {
  const words = describers[message.kind] as (message: SrpMessage) => string;
  return `${message.kind} ${words(message)}`;
}

/** One line for people; also for a type of a newer protocol. */
export function describeFrame(frame: Frame): string {
  const type = isMessageType(frame.type) ? `type ${frame.type}` : `unknown type ${frame.type}`;
  const compressed = frame.compressed ? ' compressed' : '';
  return `SRP ${frame.version} ${type} #${frame.sequence} term ${frame.term}, ${frame.body.length} octets${compressed}`;
}

type Describers = { readonly [K in SrpMessageKind]: (message: Extract<SrpMessage, { readonly kind: K }>) => string };
type Greeting = Extract<SrpMessage, { readonly kind: 'clientHello' | 'serverHello' }>;

const greeting = (message: Greeting): string =>
  `${message.chassisId} versions ${message.versionMin}..${message.versionMax}` +
  ` compressions ${message.compressions.join(' ') || 'none'}`;

const describers: Describers = {
  clientHello: greeting,
  serverHello: greeting,
  proof: ({ version, compression }) => `version ${version} compression ${compression ?? 'none'}`,
  hello: (hello) =>
    `#${hello.number} ${hello.state} ${hello.mode} route-modifier ${hello.routeModifier} priority ${hello.priority}` +
    ` tiebreaker ${formatMac(hello.tiebreaker)} sessions ${hello.sessions}` +
    `${hello.ready ? ' ready' : ''}${hello.monitorsHealthy ? '' : ' monitors-failed'}` +
    `${hello.handingOver === undefined ? '' : ` handing-over ${hello.handingOver}`}` +
    `${hello.lineage === undefined ? '' : ` lineage ${hello.lineage.id} for ${hello.lineage.ageMs} ms`}` +
    `${hello.store === undefined ? '' : ` store ${hello.store.term} as ${hello.store.as}`}`,
  configuration: ({ digest, lines }) => `digest ${toHex(digest)} lines ${lines.length}`,
  streamOpen: ({ instance, epoch, lastAppliedSequence, refill }) =>
    `instance ${instance} epoch ${epoch} last-applied ${lastAppliedSequence}${refill ? ' refill' : ''}`,
  streamBatch: ({ instance, epoch, firstSequence, records }) =>
    `instance ${instance} epoch ${epoch} sequence ${firstSequence} records ${records.length}`,
  streamAck: ({ instance, epoch, sequence }) => `instance ${instance} epoch ${epoch} sequence ${sequence}`,
  streamNack: ({ instance, epoch, callId, cmdId, nameIndex, reason }) =>
    `instance ${instance} epoch ${epoch} call ${callId} cmd ${cmdId}/${nameIndex} ${reason}`,
  resyncBegin: ({ instance, epoch, sessions, reason }) =>
    `instance ${instance} epoch ${epoch} sessions ${sessions} ${reason}`,
  resyncEnd: ({ instance, epoch, sessions }) => `instance ${instance} epoch ${epoch} sessions ${sessions}`,
  digest: ({ instance, epoch, sequence, buckets }) =>
    `instance ${instance} epoch ${epoch} sequence ${sequence} buckets ${buckets.length}`,
  digestMismatch: ({ instance, buckets }) => `instance ${instance} buckets ${buckets.join(' ')}`,
  switchover: ({ phase, reason, force, conditions, positions }) =>
    `${phase} ${reason}${force ? ' force' : ''} failed ${conditions.filter(({ passed }) => !passed).length}` +
    ` streams ${positions.length}`,
  goodbye: ({ reason }) => reason,
  acknowledgements: ({ taken }) => `${taken.length}`,
  logOut: ({ logIns }) => `${logIns.length}`,
};
