import { type CheckpointEntry, projectEntry } from './entry.ts';

/**
 * What the operator's catalogue lacks: it describes the session's full checkpoint in prose only, has none for a switch
 * of access (a switchover right after one would bring the old path back), and reserves the statistics of SaMOG.
 */
export const projectEntries: readonly CheckpointEntry[] = [
  projectEntry('samog', {
    name: 'SESSION_FULL_CHECKPOINT',
    kind: 'macro',
    cmdId: 256,
    category: null,
    reserved: false,
    description: 'All of a session. The standby clears its record of the session and makes a new one.',
    timeBased: true,
    frequency: '30 to 1440 minutes',
    eventBased: true,
    events: 'Occurs when a session is set up, when the standby refuses a checkpoint of it, and in a resynchronisation.',
    accounting: true,
    deltaOrCumulative: 'Cumulative',
    relatedCli: 'show srp checkpoint statistics',
  }),
  projectEntry('samog', {
    name: 'SAMOG_ACCESS_SWITCH',
    kind: 'micro',
    cmdId: 257,
    category: 'SaMOG',
    reserved: false,
    description:
      'The access over which a UE is reached after a handover: its kind, its peer, its keys and its binding.',
    timeBased: false,
    frequency: 'N/A',
    eventBased: true,
    events: 'Occurs when a session moves between PMIPv6 and EoGRE or between peers, by signalling or by data.',
    accounting: false,
    deltaOrCumulative: 'N/A',
    relatedCli: 'show srp micro-checkpoint statistics',
  }),
  projectEntry('samog', {
    name: 'SESSION_STATISTICS',
    kind: 'micro',
    cmdId: 258,
    category: 'SaMOG',
    reserved: false,
    description: 'Packets and octets of a session in both directions since it began.',
    timeBased: true,
    frequency: '1 second',
    eventBased: true,
    events: 'Occurs for each session that carried packets, and once more before a planned switchover.',
    accounting: true,
    deltaOrCumulative: 'Cumulative',
    relatedCli: 'show srp micro-checkpoint statistics',
  }),
];
