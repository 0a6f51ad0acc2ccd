/** A checkpoint as the catalogue names it. */
export interface Command {
  readonly cmdId: number;
  readonly name: string;
}

/** The checkpoints that this service makes and applies. Those above 255 are the project's own. */
export const command = {
  invalidate: { cmdId: 1, name: 'SESS_UCHKPT_CMD_INVALIDATE_CRR' },
  idleSeconds: { cmdId: 2, name: 'SESS_UCHKPT_CMD_UPDATE_IDLESECS' },
  mediaStatistics: { cmdId: 4, name: 'SESS_UCKKPT_CMD_UPDATE_CLPSTATS' },
  accessLists: { cmdId: 83, name: 'SESS_UCHKPT_CMD_UPDATE_COA_PARAMS' },
  bearerQos: { cmdId: 167, name: 'SESS_UCHKPT_CMD_CGW_UPDATE_BEARER_QOS' },
  ambr: { cmdId: 168, name: 'SESS_UCHKPT_CMD_CGW_UPDATE_PDN' },
  deletePdn: { cmdId: 169, name: 'SESS_UCHKPT_CMD_CGW_DELETE_PDN' },
  reauthentication: { cmdId: 172, name: 'SESS_UCHKPT_CMD_SAMOG_REAUTHEN_INFO' },
  reauthorization: { cmdId: 173, name: 'SESS_UCHKPT_CMD_SAMOG_REAUTHOR_INFO' },
  accountingStart: { cmdId: 174, name: 'SESS_UCHKPT_CMD_SAMOG_ACCT_START_INFO' },
  handoffInit: { cmdId: 175, name: 'SESS_UCHKPT_CMD_SAMOG_HANDOFF_INIT_INFO' },
  handoffAuthentication: { cmdId: 176, name: 'SESS_UCHKPT_CMD_SAMOG_HANDOFF_AUTHEN_INFO' },
  accountingInterim: { cmdId: 177, name: 'SESS_UCHKPT_CMD_SAMOG_ACCT_INTERIM_INFO' },
  multiRound: { cmdId: 184, name: 'SESS_UCHKPT_CMD_SAMOG_MULTI_ROUND_AUTHEN_INFO' },
  lawfulIntercept: { cmdId: 189, name: 'SESS_UCHKPT_CMD_SAMOG_LI_PROV_INFO' },
  mipv6Timer: { cmdId: 190, name: 'SESS_UCHKPT_CMD_SAMOG_MIPV6_TIMER_INFO' },
  eogreTunnel: { cmdId: 201, name: 'SESS_UCHKPT_CMD_SAMOG_EOGRE_TUNNEL_INFO' },
  session: { cmdId: 256, name: 'SESSION_FULL_CHECKPOINT' },
  accessSwitch: { cmdId: 257, name: 'SAMOG_ACCESS_SWITCH' },
  statistics: { cmdId: 258, name: 'SESSION_STATISTICS' },
  lease: { cmdId: 259, name: 'SAMOG_LEASE' },
  s2aBinding: { cmdId: 260, name: 'SAMOG_S2A_BINDING' },
  cleanups: { cmdId: 261, name: 'SAMOG_CLEANUPS' },
  restartCounters: { cmdId: 262, name: 'SAMOG_RESTART_COUNTERS' },
  account: { cmdId: 263, name: 'SAMOG_ACCOUNT' },
  stoppedAccounts: { cmdId: 265, name: 'SAMOG_STOPPED_ACCOUNTS' },
  interceptTargets: { cmdId: 264, name: 'LAWFUL_INTERCEPT_TARGETS' },
} as const satisfies Readonly<Record<string, Command>>;

/** Whether a checkpoint is made by this gateway, and by what; `missing` says what it would need. */
export type Production = Command & ({ readonly trigger: string } | { readonly missing: string });

/** Every checkpoint that the SaMOG service owns. */
export const producedHere: readonly Production[] = [
  { ...command.invalidate, trigger: 'the session is over, and nothing is owed to anybody' },
  { ...command.idleSeconds, trigger: 'time, for sessions with an Idle-Timeout' },
  {
    ...command.mediaStatistics,
    trigger:
      'time, and a planned switchover, for sessions with traffic whose bearer is for voice or video (QCI 1, 2, 5)',
  },
  { ...command.accessLists, trigger: 'a CoA, or an Access-Accept to a live session, changes an access list' },
  { ...command.bearerQos, trigger: 'a CoA, or an Access-Accept to a live session, changes the QoS of its bearer' },
  { ...command.ambr, trigger: 'a CoA, or an Access-Accept to a live session, changes the APN-AMBR' },
  { ...command.deletePdn, trigger: 'a deregistration is sent to the LMA, or answered' },
  { ...command.reauthentication, trigger: 'an Access-Accept for a UE whose session is up' },
  { ...command.reauthorization, trigger: 'a CoA is carried out, or AAA was asked again' },
  { ...command.accountingStart, trigger: 'a WLC’s accounting starts the session, or goes on with it after a STOP' },
  {
    ...command.handoffInit,
    trigger: 'a WLC’s accounting stops the session, which waits for another START; or a move ends the wait',
  },
  { ...command.handoffAuthentication, trigger: 'a WLC has authenticated again a UE whose session waits for a START' },
  { ...command.accountingInterim, trigger: 'a WLC’s accounting says what was used' },
  { ...command.multiRound, trigger: 'an Access-Challenge to a UE whose session is up, and its end' },
  {
    ...command.lawfulIntercept,
    trigger: 'time, where lawful intercept is configured, whether anybody is intercepted or not; it is not counted',
  },
  { ...command.mipv6Timer, trigger: 'a PBU deregisters or refreshes the binding, or its MAG restarts' },
  { cmdId: 191, name: 'SESS_UCHKPT_CMD_SAMOG_GTPV1_UPDATE_PDN_INFO', missing: 'GTPv1 at Gn' },
  { ...command.eogreTunnel, trigger: 'a DISCOVER moves the UE from one RG to another' },
  { ...command.session, trigger: 'the session is set up; and whenever the standby needs all of it' },
  { ...command.accessSwitch, trigger: 'any other move: PBU, REQUEST, data, a DISCOVER from a WLC to an RG, a new key' },
  { ...command.statistics, trigger: 'time, for sessions with traffic' },
  { ...command.lease, trigger: 'the lease begins, is extended or released' },
  { ...command.s2aBinding, trigger: 'the binding at the LMA is refreshed, or a PBU for it is on its way' },
  { ...command.cleanups, trigger: 'a revocation is sent, repeated, answered or given up' },
  { ...command.account, trigger: 'a record is owed to AAA’s accounting, or has been acknowledged' },
  {
    ...command.restartCounters,
    trigger: 'READY_STATE; a peer’s Restart Counter is heard first, or its restart is dealt with',
  },
  {
    ...command.stoppedAccounts,
    trigger: 'READY_STATE; a WLC stops an account, is late with a START of one, or begins anew',
  },
  { ...command.interceptTargets, trigger: 'as 189' },
];
