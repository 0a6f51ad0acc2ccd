import type { SamogCounter } from '../../services/samog/statistics.ts';

/** A variable of the SaMOG bulk statistics schema, as the seed documents it. */
export interface BulkstatVariable {
  readonly name: string;
  readonly description: string;
  readonly triggers: string;
  readonly availability: 'Per SaMOG Service';
  readonly type: 'Counter';
  readonly dataType: 'Int32';
  /** The counter of the service that it reads. */
  readonly counter: SamogCounter;
}

const common = { availability: 'Per SaMOG Service', type: 'Counter', dataType: 'Int32' } as const;

/** The seed's bulk statistics in its order, spelled as there. */
export const bulkstatVariables: readonly BulkstatVariable[] = [
  {
    name: 'cgw-binding-update-handoff-req-total-received',
    description: 'Total number of PMIPv6 PBUs received for handoff for an existing PMIP session.',
    triggers: 'Increments whenever PMIPv6 PBU is received by SaMOG for handoff.',
    counter: 'handoff.pmip-to-pmip.received',
    ...common,
  },
  {
    name: 'cgw-binding-update-handoff-req-total-accepted',
    description: 'Total number of PMIPv6 PBUs for Handoff accepted for an existing PMIP session.',
    triggers: 'Increments whenever PMIPv6 PBU is accepted by SaMOG for handoff.',
    counter: 'handoff.pmip-to-pmip.accepted',
    ...common,
  },
  {
    name: 'cgw-binding-update-handoff-req-total-denied',
    description: 'Total number of PMIPv6 PBUs for handoff denied for an existing PMIP session.',
    triggers: 'Increments whenever PMIPv6 PBU received by SaMOG for handoff denied during processing.',
    counter: 'handoff.pmip-to-pmip.denied',
    ...common,
  },
  {
    name: 'cgw-sessstat-dhcp-disc-handoff-received',
    description: 'Total number of DHCP Discover messages received during handoff for an existing DHCP session.',
    triggers: 'Increments whenever a DHCP Discover message is received by SaMOG during handoff.',
    counter: 'handoff.dhcp-to-dhcp.received',
    ...common,
  },
  {
    name: 'cgw-sessstat-dhcp-disc-handoff-accepted',
    description: 'Total number of DHCP Discover messages accepted during handoff for an existing DHCP session.',
    triggers: 'Increments whenever a DHCP Discover message is accepted by SaMOG during handoff.',
    counter: 'handoff.dhcp-to-dhcp.accepted',
    ...common,
  },
  {
    name: 'cgw-sessstat-dhcp-disc-handoff-denied',
    description: 'Total number of DHCP Discover messages denied during handoff for an existing DHCP session.',
    triggers: 'Increments whenever a DHCP Discover message is denied by SaMOG during handoff.',
    counter: 'handoff.dhcp-to-dhcp.denied',
    ...common,
  },
  {
    name: 'cgw-sessstat-pmip-to-eogre-handoff-received',
    description: 'Total number of EoGRE handoff messages received for a PMIP session.',
    triggers: 'Increments whenever an EoGRE message is received by SaMOG for an existing PMIP session.',
    counter: 'handoff.pmip-to-eogre.received',
    ...common,
  },
  {
    name: 'cgw-sessstat-pmip-to-eogre-handoff-accepted',
    description: 'Total number of EoGRE handoff messages accepted for a PMIP session.',
    triggers: 'Increments whenever an EoGRE message is accepted by SaMOG for handoff from a PMIP session.',
    counter: 'handoff.pmip-to-eogre.accepted',
    ...common,
  },
  {
    name: 'cgw-sessstat-pmip-to-eogre-handoff-denied',
    description: 'Total number of EoGRE handoff messages denied for a PMIP session.',
    triggers: 'Increments whenever an EoGRE message is denied by SaMOG for handoff from a PMIP session.',
    counter: 'handoff.pmip-to-eogre.denied',
    ...common,
  },
  {
    name: 'cgw-sessstat-eogre-to-pmip-handoff-received',
    description: 'Total number of PMIP handoff messages received for an EoGRE session.',
    triggers: 'Increments whenever a PMIP message is received by SaMOG for an existing EoGRE session.',
    counter: 'handoff.eogre-to-pmip.received',
    ...common,
  },
  {
    name: 'cgw-sessstat-eogre-to-pmip-handoff-accepted',
    description: 'Total number of PMIP handoff messages accepted for an EoGRE session.',
    triggers: 'Increments whenever a PMIP message is accepted by SaMOG for handoff from an EoGRE session.',
    counter: 'handoff.eogre-to-pmip.accepted',
    ...common,
  },
  {
    name: 'cgw-sessstat-eogre-to-pmip-handoff-denied',
    description: 'Total number of PMIP handoff messages denied for an EoGRE session.',
    triggers: 'Increments whenever a PMIP message is denied by SaMOG for handoff from an EoGRE session.',
    counter: 'handoff.eogre-to-pmip.denied',
    ...common,
  },
];
