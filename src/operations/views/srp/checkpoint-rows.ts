import { checkpointCatalogue } from '../../../icsr/catalogue/catalogue.ts';
import type { CheckpointEntry, CheckpointProducer } from '../../../icsr/catalogue/entry.ts';
import { productions } from './productions.ts';

/** A checkpoint of the catalogue, in the catalogue's own words; null where it says nothing. */
export interface CheckpointRow {
  readonly cmdId: number | null;
  readonly name: string;
  readonly kind: 'macro' | 'micro';
  readonly category: string | null;
  readonly origin: 'seed' | 'project';
  readonly reserved: boolean;
  readonly timeBased: boolean | null;
  readonly frequency: string | null;
  readonly eventBased: boolean | null;
  readonly events: string | null;
  readonly accounting: boolean | null;
  readonly deltaOrCumulative: string | null;
  readonly relatedCli: string | null;
  readonly description: string;
  readonly producer: string;
  /** The producer is on this chassis. */
  readonly onThisChassis: boolean;
  /** What makes this chassis send it, or what that would need; both null if the producer is not here. */
  readonly trigger: string | null;
  readonly missing: string | null;
  /** Whether a refusal of it is told; null for what is never sent. */
  readonly nack: 'enabled' | 'disabled' | null;
}

const here: readonly CheckpointProducer[] = ['framework', 'samog', 'li'];

/** The whole catalogue. @param disabledNacks the CMD-IDs whose refusals are not told */
export function checkpointRows(disabledNacks: readonly number[]): CheckpointRow[] {
  return checkpointCatalogue.map((entry) => rowOf(entry, disabledNacks));
}

function rowOf(entry: CheckpointEntry, disabledNacks: readonly number[]): CheckpointRow {
  const onThisChassis = here.includes(entry.producer) && !entry.reserved;
  const production = productions.get(entry.name);
  const { cmdId, address } = entry;
  const nack = cmdId !== undefined && disabledNacks.includes(cmdId) ? 'disabled' : 'enabled';
  return {
    cmdId: cmdId ?? null,
    name: entry.name,
    kind: entry.kind,
    category: entry.category,
    origin: entry.origin,
    reserved: entry.reserved,
    timeBased: entry.timeBased ?? null,
    frequency: entry.frequency || null,
    eventBased: entry.eventBased ?? null,
    events: entry.events || null,
    accounting: entry.accounting ?? null,
    deltaOrCumulative: entry.deltaOrCumulative || null,
    relatedCli: entry.relatedCli || null,
    description: entry.description,
    producer: entry.producer,
    onThisChassis,
    trigger: production !== undefined && 'trigger' in production ? production.trigger : null,
    missing: production !== undefined && 'missing' in production ? production.missing : null,
    nack: address === undefined ? null : nack,
  };
}

/** `samog`, or why no checkpoint of this kind is sent. */
export function producerText({ producer, onThisChassis, reserved, missing }: CheckpointRow): string {
  if (reserved) return 'none: reserved';
  if (!onThisChassis) return `${producer} (not on this chassis)`;
  return missing === null ? producer : `${producer} (needs ${missing})`;
}
