import { fnv1a64, type Hash64 } from '../../kernel/fnv.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import { checkpoints } from '../catalogue/catalogue.ts';
import type { ApplyResult } from '../replication/replication-receiver.ts';
import type { InstanceRecord } from '../replication/sender-config.ts';
import { type IdentifierMaps, instanceLevelPayload, mapCodecs, namesIn } from './identifier-maps.ts';

type MapName = keyof IdentifierMaps;

const addresses = {
  apns: checkpoints.apnIdMapping.address,
  services: checkpoints.serviceIdMapping.address,
  vpns: checkpoints.vpnmgrIdMapping.address,
} as const;
const mapNames: readonly MapName[] = ['services', 'vpns', 'apns'];
const instanceLevel = checkpoints.instanceLevel.address;

/**
 * What the active tells of the instance: the three maps when the two session managers have come to READY_STATE and after
 * a refusal, and at each interval the digests of them.
 */
export function instanceRecordsOf(maps: IdentifierMaps, occasion: 'ready' | 'periodic'): readonly InstanceRecord[] {
  const records = mapNames.map((name) => ({ address: addresses[name], payload: encodeMap(name, maps) }));
  if (occasion === 'ready') return records;
  const digests = records.map(({ address, payload }) => ({ nameIndex: address.nameIndex, ...fnv1a64(payload) }));
  return [{ address: instanceLevel, payload: instanceLevelPayload.encode({ digests }, 0, 0) }];
}

function encodeMap<K extends MapName>(name: K, maps: IdentifierMaps): Uint8Array {
  return mapCodecs[name].encode({ entries: maps[name] }, 0, 0);
}

/**
 * What the standby has heard of the instance. A name that this chassis does not have is refused once, so that the active
 * counts it; told again, the map is kept with the name marked as unresolved: the sessions are worth more than the name.
 */
export class PeerInstance {
  readonly #known: ReadonlySet<string>;
  readonly #maps = new Map<MapName, { readonly digest: Hash64; readonly unresolved: readonly string[] }>();
  /** The names that were refused last, by map. */
  readonly #refused = new Map<MapName, string>();
  #heard: Partial<IdentifierMaps> = {};

  constructor(own: IdentifierMaps) {
    this.#known = new Set(namesIn(own));
  }

  /** The peer's maps, as far as they have come. */
  get maps(): Readonly<Partial<IdentifierMaps>> {
    return this.#heard;
  }

  /** Names of the peer's that this chassis does not have. */
  get unresolved(): readonly string[] {
    return [...this.#maps.values()].flatMap(({ unresolved }) => unresolved).sort();
  }

  apply({ cmdId, nameIndex, payload }: Pick<StreamRecord, 'cmdId' | 'nameIndex' | 'payload'>): ApplyResult {
    const isAt = (address: { readonly cmdId: number; readonly nameIndex: number }): boolean =>
      address.cmdId === cmdId && address.nameIndex === nameIndex;
    if (isAt(instanceLevel)) return this.#compare(payload);
    const name = mapNames.find((candidate) => isAt(addresses[candidate]));
    return name === undefined ? 'unknown-command' : this.#take(name, payload);
  }

  #take(name: MapName, payload: Uint8Array): ApplyResult {
    const read = mapCodecs[name].decode(payload);
    if (!read.ok) return 'malformed';
    const map: Partial<IdentifierMaps> = { [name]: read.value.value.entries };
    const unresolved = namesIn(map).filter((said) => !this.#known.has(said));
    const refused = unresolved.join('\n');
    if (refused !== '' && this.#refused.get(name) !== refused) {
      this.#refused.set(name, refused);
      return 'unresolved-name';
    }
    this.#heard = { ...this.#heard, ...map };
    this.#maps.set(name, { digest: fnv1a64(payload), unresolved });
    return 'applied';
  }

  /** Of what the digests say otherwise, the active is to tell all again. */
  #compare(payload: Uint8Array): ApplyResult {
    const read = instanceLevelPayload.decode(payload);
    if (!read.ok) return 'malformed';
    const differs = read.value.value.digests.some(({ nameIndex, high, low }) => {
      const name = mapNames.find((candidate) => addresses[candidate].nameIndex === nameIndex);
      const digest = name && this.#maps.get(name)?.digest;
      // A map of a newer peer is not ours to ask for.
      return name !== undefined && (digest?.high !== high || digest.low !== low);
    });
    return differs ? 'conflict' : 'applied';
  }
}
