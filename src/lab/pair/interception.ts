import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIpv4, formatMac, type MacAddress } from '../../kernel/address.ts';
import { utf8Decode } from '../../wire/bytes/text.ts';
import { decodeLiPdu, liDirection, liPduType, sequenceOf } from '../../wire/li/pdu.ts';
import { type Certificates, makeCertificates } from '../certificates.ts';
import { DeliveryFunction } from '../delivery-function.ts';
import { Warrants } from '../warrants.ts';
import { type ChassisLetter, managementAddress, place } from './pair-network.ts';
import type { Octets } from './pair-result.ts';

export const provisioningPort = 8444;
export const deliveryPort = 50_010;
/** In every certificate: the chassis have one in common, and several addresses. */
const serverName = 'aaa.example.net';
const warrantMs = 3_600_000;

/** By which a chassis lets whoever provisions in, and delivers. */
export interface InterceptFiles {
  readonly keyFile: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What has come of one target, each PDU once. */
export interface Delivered {
  readonly events: readonly string[];
  /** User octets of the packets that were copied. */
  readonly octets: Octets;
  /** Numbers of content that are missing between the first and the last. */
  readonly missing: number;
  /** PDUs that came more than once. */
  readonly repeated: number;
}

interface Task {
  readonly events: Map<number, string>;
  readonly content: Map<number, { readonly isUplink: boolean; readonly octets: number }>;
  repeated: number;
}

/** Whoever has targets intercepted by the pair: provisions them, and counts what is delivered. */
export class Interception {
  readonly files: InterceptFiles;
  readonly #warrants: Readonly<Record<ChassisLetter, Warrants>>;
  readonly #delivery: DeliveryFunction;
  readonly #tasks = new Map<string, Task>();

  private constructor(folder: string, certificates: Certificates) {
    const keyFile = join(folder, 'intercept.key');
    writeFileSync(keyFile, Buffer.alloc(32, 9), { mode: 0o600 });
    const { ca } = certificates;
    const filesOf = (name: string) => ({
      ca,
      certificate: certificates.certificate(name),
      key: certificates.key(name),
    });
    this.files = { keyFile, ...filesOf('gateway') };
    const doorOf = (letter: ChassisLetter) => {
      const door = { host: formatIpv4(managementAddress[letter]), port: provisioningPort, serverName };
      return new Warrants(door, certificates, 'warrants');
    };
    this.#warrants = { a: doorOf('a'), b: doorOf('b') };
    this.#delivery = new DeliveryFunction(filesOf('delivery'), (pdu) => this.#take(pdu));
  }

  /** Its delivery function takes content and events. @throws Error without openssl, or if it cannot listen */
  static async make(folder: string): Promise<Interception> {
    const address = formatIpv4(place.aaa);
    const interception = new Interception(
      folder,
      makeCertificates(folder, address, ['gateway', 'delivery', 'warrants']),
    );
    await interception.#delivery.listen(deliveryPort, address);
    return interception;
  }

  /** Has events and content of a UE intercepted from now on; answers under which XID. @throws Error if that is refused */
  async provision(at: ChassisLetter, mac: MacAddress): Promise<string> {
    const xid = randomUUID();
    const until = new Date(Date.now() + warrantMs).toISOString();
    const target = { identity: { mac: formatMac(mac) }, product: 'both', delivery: 'mf', until };
    const { status, body } = await this.#warrants[at].ask('PUT', `/v1/targets/${xid}`, target);
    if (status !== 200) throw new Error(`the target was refused: ${status} ${JSON.stringify(body)}`);
    return xid;
  }

  of(xid: string): Delivered {
    const { events, content, repeated } = this.#tasks.get(xid) ?? newTask();
    const numbers = [...content.keys()].sort((left, right) => left - right);
    const sum = (isUplink: boolean) =>
      Array.from(content.values()).reduce((total, copy) => total + (copy.isUplink === isUplink ? copy.octets : 0), 0);
    return {
      events: [...events.entries()].sort(([left], [right]) => left - right).map(([, name]) => name),
      octets: { uplink: sum(true), downlink: sum(false) },
      missing: numbers.length === 0 ? 0 : numbers.at(-1)! - numbers[0]! + 1 - numbers.length,
      repeated,
    };
  }

  close(): Promise<void> {
    return this.#delivery.close();
  }

  #take(octets: Uint8Array): void {
    const read = decodeLiPdu(octets);
    if (!read.ok) throw new Error(`no PDU: ${read.reason}`);
    const { type, direction, payload } = read.value;
    const hex = Buffer.from(read.value.xid).toString('hex');
    const xid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const task = this.#tasks.get(xid) ?? newTask();
    this.#tasks.set(xid, task);
    const number = sequenceOf(read.value)!;
    const kind = type === liPduType.x2 ? task.events : task.content;
    if (kind.has(number)) task.repeated += 1;
    else if (kind === task.events) task.events.set(number, JSON.parse(utf8Decode(payload)).event as string);
    else task.content.set(number, { isUplink: direction === liDirection.fromTarget, octets: payload.length });
  }
}

function newTask(): Task {
  return { events: new Map(), content: new Map(), repeated: 0 };
}
