import { hostSeal } from '../../src/host/seal.ts';
import { macOf } from '../../src/kernel/address.ts';
import { DeliveryQueue } from '../../src/services/samog/intercept/delivery-queue.ts';
import { DeliveryRoom } from '../../src/services/samog/intercept/delivery-room.ts';
import type { Target } from '../../src/services/samog/intercept/target.ts';
import type { InterceptReport } from '../../src/sessmgr/instances/intercept-messages.ts';
import { RemoteIntercepts } from '../../src/sessmgr/instances/remote-intercepts.ts';
import { ServedIntercepts } from '../../src/sessmgr/instances/served-intercepts.ts';
import { Intercepts } from '../../src/sessmgr/intercepts.ts';
import { utf8Decode, utf8Encode } from '../../src/wire/bytes/text.ts';
import { decodeLiPdu, liAttribute, liDirection, liPduType, sequenceOf } from '../../src/wire/li/pdu.ts';

/** A PDU as its delivery function reads it. */
export interface Delivered {
  readonly kind: 'event' | 'content';
  readonly xid: string;
  readonly correlation: string;
  readonly sequence: number;
  readonly direction: 'uplink' | 'downlink' | undefined;
  readonly matched: string;
  /** Of an event. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Of content. */
  readonly packet: Uint8Array;
}

export const wallClockStart = 1_700_000_000_000;
const dayMs = 86_400_000;

export function targetOf(change: Partial<Target> = {}): Target {
  return {
    xid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    identity: { kind: 'mac', value: macOf(0x02005e100001) },
    product: 'both',
    delivery: 'mf',
    from: wallClockStart,
    until: wallClockStart + dayMs,
    ...change,
  };
}

const seal = hostSeal(utf8Encode('of the intercepts'), 'intercepts');
const names = { networkFunction: 'samog-pair', targetsMax: 100 };

/** A delivery function in memory, and the intercepts that deliver to it: in the same thread, or in another with every message cloned. */
export class DeliveryDesk {
  readonly queue: DeliveryQueue;
  readonly delivered: Delivered[] = [];
  readonly intercepts: Intercepts;
  /** In place of them, where the session manager instance is apart from its chassis. */
  readonly remote: RemoteIntercepts;
  readonly #room: DeliveryRoom;
  readonly #wallClock: () => number;
  /** How often something was to be kept. */
  kept = 0;

  constructor(wallClock: () => number, octetsMax = 1 << 20) {
    this.#room = DeliveryRoom.for(octetsMax, 1);
    this.queue = new DeliveryQueue(this.#room);
    this.#wallClock = wallClock;
    const changed = () => {
      this.kept += 1;
    };
    this.intercepts = new Intercepts({
      ...{ ...names, seal, wallClock, changed },
      deliver: (_name, kind, pdu) => this.queue.offer(kind, pdu),
    });
    this.remote = new RemoteIntercepts({ targetsMax: names.targetsMax, wallClock, changed });
  }

  /** Of an instance that begins apart. */
  newServed(): ServedIntercepts {
    const rooms = new Map([['mf', this.#room]]);
    return new ServedIntercepts({ index: 0, ...names }, { seal, wallClock: this.#wallClock, rooms });
  }

  /** What an instance that is apart has said. */
  heard(report: InterceptReport): void {
    this.remote.heard(report);
    for (const { pdu } of report.pdus) {
      this.#room.arrived(0, pdu.length);
      this.queue.put(pdu);
    }
  }

  /** It has ended. */
  ended(): void {
    this.remote.ended();
    this.#room.lost(0);
  }

  /** The delivery function takes what waits; what it has had so far. */
  take(): readonly Delivered[] {
    for (let pdu = this.queue.send(); pdu !== undefined; pdu = this.queue.send()) this.delivered.push(readPdu(pdu));
    this.queue.acknowledge(this.queue.sentPlace);
    return this.delivered;
  }

  /** Events by name, in order. */
  events(): unknown[] {
    return this.take().flatMap(({ kind, payload }) => (kind === 'event' ? [payload['event']] : []));
  }
}

export function readPdu(octets: Uint8Array): Delivered {
  const read = decodeLiPdu(octets);
  if (!read.ok) throw new Error(`no PDU: ${read.reason}`);
  const { type, direction, xid, correlation, attributes, payload } = read.value;
  const isEvent = type === liPduType.x2;
  const hex = Buffer.from(xid).toString('hex');
  return {
    kind: isEvent ? 'event' : 'content',
    xid: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    correlation: Buffer.from(correlation).toString('hex'),
    sequence: sequenceOf({ attributes })!,
    direction: isEvent ? undefined : direction === liDirection.fromTarget ? 'uplink' : 'downlink',
    matched: utf8Decode(attributes.find(({ type: each }) => each === liAttribute.matchedTarget)!.data),
    payload: isEvent ? JSON.parse(utf8Decode(payload)) : {},
    packet: payload,
  };
}
