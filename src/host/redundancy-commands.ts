import { setTimeout as wait } from 'node:timers/promises';
import { checkpointsByCmdId } from '../icsr/catalogue/catalogue.ts';
import { isAwaited } from '../icsr/chassis/deadline.ts';
import { isHandingOver } from '../icsr/chassis/state.ts';
import {
  type AloneAnswer,
  type AuditAnswer,
  type ConfigurationAnswer,
  conditionAnswers,
  type NackAnswer,
  type ProbeFlagAnswer,
  type SwitchoverAnswer,
  type ValidationAnswer,
} from '../operations/redundancy-commands.ts';
import { type Refusal, refuse } from '../operations/views/view.ts';
import type { ChassisOfPair } from '../sessmgr/pair/chassis-of-pair.ts';
import { now } from './clock.ts';

/** The pair as the `srp` commands operate it. */
export interface ManagedRedundancy {
  readonly pair: Pick<
    ChassisOfPair,
    | 'chassis'
    | 'command'
    | 'obstacles'
    | 'isSwitchoverWaiting'
    | 'validateSwitchover'
    | 'validateConfiguration'
    | 'exchangeConfigurations'
    | 'initiateAudit'
    | 'replication'
    | 'counts'
    | 'ledger'
  >;
  /** Keeps for the next start which NACKs are disabled; absent where nothing is kept. */
  keepDisabledNacks?(cmdIds: readonly number[]): void;
  /** The pair has been told something: its deadlines may have changed. */
  changed(): void;
  /** Resolves when what is read of the pair is of now; absent where it always is. */
  look?(): Promise<void>;
}

type Answer<Data> = { readonly ok: true; readonly data: Data } | { readonly ok: false; readonly refusal: Refusal };

/** Between two looks at what a command is waiting for. */
const pollMs = 5;
/** How long the peer may take to tell its configuration. */
const configurationLimitMs = 2000;
/** How long an audit, repairs included, is waited for. */
const auditLimitMs = 5000;

/** Looks until it is so, or the time is over. */
async function until(isSo: () => boolean, limitMs: number, look?: ManagedRedundancy['look']): Promise<boolean> {
  const end = now() + limitMs;
  while (!isSo()) {
    if (now() >= end) return false;
    await wait(pollMs);
    await look?.();
  }
  return true;
}

/** Has both chassis tell each other their configurations, and compares. */
export async function validateConfiguration(
  { pair, changed }: ManagedRedundancy,
  limitMs = configurationLimitMs,
): Promise<ConfigurationAnswer> {
  const before = pair.chassis.configuration?.at;
  const asked = pair.exchangeConfigurations(now());
  changed();
  const fresh = asked && (await until(() => pair.chassis.configuration?.at !== before, limitMs));
  return { ...pair.validateConfiguration(), fresh };
}

/** Every condition of a planned switchover, with what to do about those that fail. It asks and waits for nothing. */
export function validateSwitchover({ pair }: ManagedRedundancy): ValidationAnswer {
  const conditions = conditionAnswers(pair.validateSwitchover(now()));
  return { passed: conditions.every(({ passed }) => passed), conditions };
}

/** Asks for a switchover and waits until it is decided. */
export async function initiateSwitchover(
  { pair, changed }: ManagedRedundancy,
  { force, waitMs }: { readonly force: boolean; readonly waitMs: number },
): Promise<SwitchoverAnswer> {
  const begunAt = now();
  let failed = pair.obstacles(force, begunAt);
  const known = new Set(pair.chassis.history);
  pair.command({ kind: 'switchoverRequested', cause: 'manual', force }, begunAt);
  changed();
  const answer = (outcome: SwitchoverAnswer['outcome']): SwitchoverAnswer => ({
    outcome,
    forced: force,
    tookMs: Math.round(now() - begunAt),
    failed: conditionAnswers(failed),
    transitions: pair.chassis.history
      .filter((record) => !known.has(record))
      .map(({ from, to, reason, term }) => ({ from, to, reason, term })),
  });
  if (failed.length > 0) return answer('refused');
  const isOver = () => !pair.isSwitchoverWaiting && !isHandingOver(pair.chassis.state);
  if (!(await until(isOver, waitMs))) return answer('under-way');
  if (pair.chassis.state.kind !== 'ACTIVE') return answer('completed');
  // It may have been refused after it had waited.
  if (pair.chassis.history.every((record) => known.has(record))) failed = pair.obstacles(force, now());
  return answer(failed.length > 0 ? 'refused' : 'came-back');
}

/** Compares both chassis and waits until what differs has been sent again. */
export async function initiateAudit(
  { pair, changed, look }: ManagedRedundancy,
  limitMs = auditLimitMs,
): Promise<Answer<AuditAnswer>> {
  await look?.();
  const begunAt = now();
  const { sender } = pair.replication(begunAt);
  if (sender === undefined) {
    return refuse('refused', 'this chassis is not the active', 'give the command on the active chassis');
  }
  // Each instance compares its own.
  const answered = pair.counts()['audit.answered'] + pair.chassis.synchronisation.instances;
  if (!pair.initiateAudit(begunAt)) {
    return refuse(
      'refused',
      'the standby is not synchronised: a comparison would say nothing',
      'show srp checkpoint statistics verbose tells when it is Ready',
    );
  }
  changed();
  const answer = (outcome: AuditAnswer['outcome'], bucketsDiffered: number | null): Answer<AuditAnswer> => ({
    ok: true,
    data: { outcome, bucketsDiffered, tookMs: Math.round(now() - begunAt) },
  });
  if (!(await until(() => pair.counts()['audit.answered'] >= answered, limitMs, look)))
    return answer('unanswered', null);
  const bucketsDiffered = pair.replication(now()).sender?.lastAudit?.bucketsDiffered ?? 0;
  if (bucketsDiffered === 0) return answer('equal', 0);
  const repaired = await until(() => pair.replication(now()).sender?.dirty !== true, limitMs, look);
  return answer(repaired ? 'repaired' : 'repairing', bucketsDiffered);
}

/** Lets the AAA probe cause a switchover again, and tells whether it could not. */
export function resetAuthProbeFail({ pair, changed }: ManagedRedundancy): ProbeFlagAnswer {
  const wasSet = pair.chassis.aaaLatched;
  pair.command({ kind: 'aaaFlagReset' }, now());
  changed();
  return { wasSet };
}

/** Has a chassis that waits for its peer, of which it may have the older store, serve without it. */
export function serveAlone({ pair, changed }: ManagedRedundancy): Answer<AloneAnswer> {
  const { state, store } = pair.chassis;
  if (state.kind !== 'INIT') {
    return refuse('refused', `this chassis waits for nobody: it is ${state.kind}`, 'show srp info tells what goes on');
  }
  if (isAwaited(pair.chassis)) pair.command({ kind: 'aloneRequested' }, now());
  if (pair.chassis.state.kind === 'INIT') {
    return refuse(
      'refused',
      'the peer is not taken for dead yet',
      'wait for the alarm older-store: it comes after the delay and dead intervals; a chassis whose store is surely the last serves then',
    );
  }
  changed();
  return { ok: true, data: { term: pair.chassis.term.own, store: { term: store.term, as: store.as } } };
}

/** Only for micro-checkpoints that can be sent: a full checkpoint that is refused has to be told. */
export function setNack(
  { pair, keepDisabledNacks }: ManagedRedundancy,
  cmdId: number,
  enabled: boolean,
): Answer<NackAnswer> {
  const entries = checkpointsByCmdId(cmdId).filter(({ kind, address }) => kind === 'micro' && address !== undefined);
  if (entries.length === 0) {
    return refuse(
      'not-found',
      `no micro-checkpoint has the CMD-ID ${cmdId}`,
      'show srp checkpoint info lists those there are',
    );
  }
  pair.ledger.setNackEnabled(cmdId, enabled);
  const disabledNackCmdIds = pair.ledger.disabledNackCmdIds();
  keepDisabledNacks?.(disabledNackCmdIds);
  return { ok: true, data: { cmdId, names: entries.map(({ name }) => name), enabled, disabledNackCmdIds } };
}
