import { chargingEntries } from './charging.ts';
import { ecsEntries } from './ecs.ts';
import type { CheckpointAddress, CheckpointEntry, CheckpointKey } from './entry.ts';
import { epdgEntries } from './epdg.ts';
import { frameworkEntries } from './framework.ts';
import { ggsnEntries } from './ggsn.ts';
import { natEntries } from './nat.ts';
import { pgwEntries } from './pgw.ts';
import { projectEntries } from './project.ts';
import { samogEntries } from './samog.ts';

/** Every checkpoint: the operator's catalogue by application, then ours. */
export const checkpointCatalogue: readonly CheckpointEntry[] = [
  ...frameworkEntries,
  ...chargingEntries,
  ...ecsEntries,
  ...epdgEntries,
  ...ggsnEntries,
  ...natEntries,
  ...pgwEntries,
  ...samogEntries,
  ...projectEntries,
];

/** What an entry is found by where it may have no address: its CMD-ID (`-` for none) and its name. */
export function checkpointKey(entry: Pick<CheckpointEntry, 'cmdId' | 'name'>): CheckpointKey {
  return `${entry.cmdId ?? '-'}:${entry.name}`;
}

const byKey = new Map(checkpointCatalogue.map((entry) => [checkpointKey(entry), entry]));
const byName = new Map(checkpointCatalogue.map((entry) => [entry.name, entry]));
const addressNumber = ({ cmdId, nameIndex }: CheckpointAddress): number => cmdId * 256 + nameIndex;
const byAddress = new Map(
  checkpointCatalogue.flatMap((entry) => (entry.address === undefined ? [] : [[addressNumber(entry.address), entry]])),
);

/** The entry of a key, or undefined for one that is no entry's. */
export function checkpointByKey(key: CheckpointKey): CheckpointEntry | undefined {
  return byKey.get(key);
}

/** The entry that a record on the wire names, or undefined for an unknown CMD-ID. */
export function checkpointByAddress(cmdId: number, nameIndex: number): CheckpointEntry | undefined {
  // A name index of more than 8 bits would run into the next CMD-ID.
  return nameIndex > 255 ? undefined : byAddress.get(addressNumber({ cmdId, nameIndex }));
}

/** All entries of a CMD-ID: five for 110, none for 0. */
export function checkpointsByCmdId(cmdId: number): readonly CheckpointEntry[] {
  return checkpointCatalogue.filter((entry) => entry.cmdId === cmdId);
}

export interface SendableCheckpoint extends CheckpointEntry {
  readonly address: CheckpointAddress;
}

function sendable(name: string): SendableCheckpoint {
  const entry = byName.get(name);
  if (entry?.address === undefined) throw new Error(`no checkpoint ${name} that can be sent`);
  return { ...entry, address: entry.address };
}

/** The checkpoints of the services on this chassis, under short names. */
export const checkpoints = {
  apnIdMapping: sendable('GGSN_APN ID MAPPING'),
  instanceLevel: sendable('INSTANCE LEVEL CHECKPOINT'),
  serviceIdMapping: sendable('SERVICE_ID MAPPING'),
  vpnmgrIdMapping: sendable('VPNMGR_ID MAPPING'),
  invalidateCrr: sendable('SESS_UCHKPT_CMD_INVALIDATE_CRR'),
  idleSeconds: sendable('SESS_UCHKPT_CMD_UPDATE_IDLESECS'),
  clpStats: sendable('SESS_UCKKPT_CMD_UPDATE_CLPSTATS'),
  updateBearerQos: sendable('SESS_UCHKPT_CMD_CGW_UPDATE_BEARER_QOS'),
  updatePdn: sendable('SESS_UCHKPT_CMD_CGW_UPDATE_PDN'),
  deletePdn: sendable('SESS_UCHKPT_CMD_CGW_DELETE_PDN'),
  reauthentication: sendable('SESS_UCHKPT_CMD_SAMOG_REAUTHEN_INFO'),
  reauthorisation: sendable('SESS_UCHKPT_CMD_SAMOG_REAUTHOR_INFO'),
  accountingStart: sendable('SESS_UCHKPT_CMD_SAMOG_ACCT_START_INFO'),
  handoffInitiated: sendable('SESS_UCHKPT_CMD_SAMOG_HANDOFF_INIT_INFO'),
  handoffAuthentication: sendable('SESS_UCHKPT_CMD_SAMOG_HANDOFF_AUTHEN_INFO'),
  accountingInterim: sendable('SESS_UCHKPT_CMD_SAMOG_ACCT_INTERIM_INFO'),
  multiRoundAuthentication: sendable('SESS_UCHKPT_CMD_SAMOG_MULTI_ROUND_AUTHEN_INFO'),
  lawfulIntercept: sendable('SESS_UCHKPT_CMD_SAMOG_LI_PROV_INFO'),
  pmipTimer: sendable('SESS_UCHKPT_CMD_SAMOG_MIPV6_TIMER_INFO'),
  gtpv1UpdatePdn: sendable('SESS_UCHKPT_CMD_SAMOG_GTPV1_UPDATE_PDN_INFO'),
  eogreTunnel: sendable('SESS_UCHKPT_CMD_SAMOG_EOGRE_TUNNEL_INFO'),
  sessionFull: sendable('SESSION_FULL_CHECKPOINT'),
  accessSwitch: sendable('SAMOG_ACCESS_SWITCH'),
  sessionStatistics: sendable('SESSION_STATISTICS'),
  lease: sendable('SAMOG_LEASE'),
  s2aBinding: sendable('SAMOG_S2A_BINDING'),
  cleanups: sendable('SAMOG_CLEANUPS'),
  restartCounters: sendable('SAMOG_RESTART_COUNTERS'),
  account: sendable('SAMOG_ACCOUNT'),
  stoppedAccounts: sendable('SAMOG_STOPPED_ACCOUNTS'),
  interceptTargets: sendable('LAWFUL_INTERCEPT_TARGETS'),
} as const;

/** Checkpoints that are counted nowhere: a count of them would tell that somebody is intercepted. */
export const confidentialCmdIds: ReadonlySet<number> = new Set([
  checkpoints.lawfulIntercept.address.cmdId,
  checkpoints.interceptTargets.address.cmdId,
]);
