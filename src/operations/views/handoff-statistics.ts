import type { Counters } from '../../kernel/counters.ts';
import { type HandoffKind, handoffDenials, handoffKinds, type SamogCounter } from '../../services/samog/statistics.ts';
import { camelCase, countsOf, handoffColumns, labelOf, pairLine, pairLines } from './format.ts';

/** Of triggers received; `received` = `accepted` + `denied` + `inProgress`. */
export interface HandoffCounts {
  readonly received: number;
  readonly accepted: number;
  readonly denied: number;
  readonly inProgress: number;
}

export interface HandoffStatistics {
  /** By kind, in camelCase: `pmipToPmip`, `dhcpToDhcp`, … */
  readonly kinds: Readonly<Record<string, HandoffCounts>>;
  /** By reason, in camelCase. */
  readonly denials: Readonly<Record<string, number>>;
}

/** The blocks the seed has, with its headings and in its order. */
const seedBlocks: readonly (readonly [HandoffKind, string])[] = [
  ['pmip-to-pmip', 'PMIP to PMIP Handoff Stats'],
  ['dhcp-to-dhcp', 'DHCP to DHCP Handoff Stats'],
  ['pmip-to-eogre', 'PMIP to EoGRE Handoff Requests'],
  ['eogre-to-pmip', 'EoGRE to PMIP Handoff Requests'],
];

/** Moves the seed has no block for. */
const ownBlocks: readonly (readonly [HandoffKind, string])[] = [
  ['eogre-to-eogre-request', 'EoGRE to EoGRE Handoff Stats (DHCP Request)'],
  ['eogre-to-eogre-data', 'EoGRE to EoGRE Handoff Stats (Data)'],
];

/**
 * Handovers by their kind, and refusals by their reason. Counts are since the start; `inProgress` is of this moment.
 */
export function handoffStatisticsOf(
  counters: Pick<Counters<SamogCounter>, 'get'>,
  inProgress: Readonly<Record<HandoffKind, number>>,
): HandoffStatistics {
  const kinds = handoffKinds.map((kind): [string, HandoffCounts] => [
    camelCase(kind),
    {
      received: counters.get(`handoff.${kind}.received`),
      accepted: counters.get(`handoff.${kind}.accepted`),
      denied: counters.get(`handoff.${kind}.denied`),
      inProgress: inProgress[kind],
    },
  ]);
  return {
    kinds: Object.fromEntries(kinds),
    denials: countsOf(handoffDenials, (reason) => counters.get(`handoff.denied.${reason}`)),
  };
}

function blockLines({ kinds }: HandoffStatistics, blocks: readonly (readonly [HandoffKind, string])[]): string[] {
  return blocks.flatMap(([kind, heading]) => {
    const { received, accepted, denied } = kinds[camelCase(kind)]!;
    return [
      `${heading}:`,
      pairLine(handoffColumns, ['Received', received], ['Accepted', accepted]),
      pairLine(handoffColumns, ['Denied', denied]),
    ];
  });
}

/** The seed's block, character for character; values wider than one digit grow to the left. */
export function seedHandoffLines(handoffs: HandoffStatistics): string[] {
  return ['Handoff Statistics:', ...blockLines(handoffs, seedBlocks)];
}

/** What the seed has no place for: other moves, those in progress, and why moves were denied. */
export function ownHandoffLines(handoffs: HandoffStatistics): string[] {
  const inProgress = [...seedBlocks, ...ownBlocks].map(([kind]): [string, number] => [
    labelOf(kind),
    handoffs.kinds[camelCase(kind)]!.inProgress,
  ]);
  const denials = Object.entries(handoffs.denials).map(([reason, count]): [string, number] => [labelOf(reason), count]);
  return [
    ...blockLines(handoffs, ownBlocks),
    'Handoffs In Progress:',
    ...pairLines(handoffColumns, inProgress),
    'Handoff Denial Reasons:',
    ...pairLines(handoffColumns, denials),
  ];
}
