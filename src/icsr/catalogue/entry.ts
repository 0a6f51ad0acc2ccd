/**
 * Who makes and applies a checkpoint on this chassis. Only `framework`, `samog` and `li` are on it today: entries of the
 * others are shown with their producer.
 */
export type CheckpointProducer =
  | 'framework'
  | 'samog'
  | 'ggsn'
  | 'pgw'
  | 'ecs'
  | 'firewall'
  | 'nat'
  | 'gx'
  | 'gy'
  | 'rf'
  | 's6b'
  | 'epdg'
  | 'li';

/** `cmdId:name`, or `-:name` for an entry without a CMD-ID: five entries share 110, so the number alone is no key. */
export type CheckpointKey = `${number | '-'}:${string}`;

/** What the catalogue of the seed says of an entry, in its words; undefined where it says nothing at all. */
export interface CheckpointFacts {
  readonly name: string;
  readonly kind: 'macro' | 'micro';
  readonly cmdId?: number;
  readonly category: string | null;
  /** Reserved for future use: never sent. */
  readonly reserved: boolean;
  readonly description: string;
  /** null where the seed leaves the field empty. */
  readonly timeBased?: boolean | null;
  readonly frequency?: string;
  readonly eventBased?: boolean | null;
  readonly events?: string;
  readonly accounting?: boolean | null;
  readonly deltaOrCumulative?: string;
  readonly relatedCli?: string;
}

/** How an entry is named on the wire, since CMD-IDs are neither complete nor unique. */
export interface CheckpointAddress {
  /** The CMD-ID; 0 for macro-checkpoints without one. */
  readonly cmdId: number;
  /** 1, 2, ... among entries that share the CMD-ID, otherwise 0. Given once, never reused. */
  readonly nameIndex: number;
}

export interface CheckpointEntry extends CheckpointFacts {
  /** `seed`: of the operator's catalogue. `project`: ours, with a CMD-ID above 255. */
  readonly origin: 'seed' | 'project';
  readonly producer: CheckpointProducer;
  /** undefined for reserved entries, which never travel. */
  readonly address: CheckpointAddress | undefined;
}

/** An entry of the operator's catalogue. `nameIndex` as in `CheckpointAddress`. */
export function seedEntry(producer: CheckpointProducer, nameIndex: number, facts: CheckpointFacts): CheckpointEntry {
  const address = facts.reserved ? undefined : { cmdId: facts.cmdId ?? 0, nameIndex };
  return { ...facts, origin: 'seed', producer, address };
}

/** An entry of ours, which the operator's catalogue lacks. */
export function projectEntry(
  producer: CheckpointProducer,
  facts: CheckpointFacts & { readonly cmdId: number },
): CheckpointEntry {
  return { ...facts, origin: 'project', producer, address: { cmdId: facts.cmdId, nameIndex: 0 } };
}
