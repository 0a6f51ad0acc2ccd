import type { Condition, ConditionName, ConfigurationValidation } from '../icsr/chassis/readiness.ts';
import type { ChassisState, StoreRole } from '../wire/srp/names.ts';
import { storeWords } from './views/srp/words.ts';

/** What the `srp` commands answer, as plain JSON data, and the text made of it. */

/** `srp validate-configuration`. */
export interface ConfigurationAnswer extends ConfigurationValidation {
  /** Whether the peer was asked for its configuration, and told it, for this answer. */
  readonly fresh: boolean;
}

/** One condition of a planned switchover. */
export interface ConditionAnswer extends Condition {
  /** What to do about it; null if it is met. */
  readonly hint: string | null;
}

/** `srp validate-switchover`. */
export interface ValidationAnswer {
  readonly passed: boolean;
  readonly conditions: readonly ConditionAnswer[];
}

/**
 * `srp initiate-switchover`. `refused`: it did not begin. `completed`: the peer has the role. `came-back`: it did not take
 * it, and this chassis serves on. `under-way`: the time to wait was over before it was decided.
 */
export interface SwitchoverAnswer {
  readonly outcome: 'completed' | 'came-back' | 'refused' | 'under-way';
  readonly forced: boolean;
  readonly tookMs: number;
  /** Why it was refused. */
  readonly failed: readonly ConditionAnswer[];
  /** What this chassis went through, in order. */
  readonly transitions: readonly {
    readonly from: ChassisState;
    readonly to: ChassisState;
    readonly reason: string;
    readonly term: number;
  }[];
}

/** `srp initiate-audit manual-with-sync`. `repairing`: the time to wait was over while differences were being sent again. */
export interface AuditAnswer {
  readonly outcome: 'equal' | 'repaired' | 'repairing' | 'unanswered';
  /** Null while the standby has not answered. */
  readonly bucketsDiffered: number | null;
  readonly tookMs: number;
}

/** `srp reset-auth-probe-fail`. */
export interface ProbeFlagAnswer {
  /** It was set; now it is not. */
  readonly wasSet: boolean;
}

/** `srp serve-alone`. */
export interface AloneAnswer {
  /** Under which it takes the role. */
  readonly term: number;
  /** The last service that the sessions on its disk follow, and what it was in that. */
  readonly store: { readonly term: number; readonly as: StoreRole };
}

/** `srp enable|disable nack micro-chkpt-cmd ID`. */
export interface NackAnswer {
  readonly cmdId: number;
  /** The checkpoints of this CMD-ID. */
  readonly names: readonly string[];
  readonly enabled: boolean;
  /** All that are disabled now. */
  readonly disabledNackCmdIds: readonly number[];
}

const hints: Readonly<Record<ConditionName, string>> = {
  'this-chassis-active': 'give the command on the active chassis',
  connected: 'see that the peer runs, and that its address and port can be reached',
  authenticated: 'give both chassis the same shared-key',
  'hello-heard': 'the peer is silent: see whether it runs and is not overloaded',
  'version-common': 'the releases are too far apart: upgrade the older one',
  'modes-differ': 'make one chassis primary and the other backup',
  'peer-standby': 'wait until the peer is Standby: show srp info tells',
  'peer-ready': 'wait until the peer holds all sessions: show srp checkpoint statistics verbose tells',
  'instances-ready': 'wait until every session manager is Ready: show srp checkpoint statistics verbose tells',
  'peer-monitors-healthy': 'show srp monitor, on the peer, tells which has failed',
  'configuration-equal': 'make the lines equal on both chassis: srp validate-configuration names them',
  'clock-skew': 'let both chassis use NTP',
  'guard-period': 'wait until the network has settled after the last switchover',
};

/** Conditions with what to do about those that fail. */
export function conditionAnswers(conditions: readonly Condition[]): ConditionAnswer[] {
  return conditions.map((condition) => ({ ...condition, hint: condition.passed ? null : hints[condition.condition] }));
}

/** Whether both chassis have the same configuration, and the lines that differ. */
export function configurationLines({ status, differences, fresh }: ConfigurationAnswer): string[] {
  const words = { equal: 'the same', different: 'different', 'not compared': 'not compared yet' }[status];
  return [
    `Configuration of both chassis: ${words}`,
    ...differences.map((line) => `  ${line}`),
    ...(fresh ? [] : ['The peer did not answer now: this is what is known from before']),
  ];
}

/** Each condition of a switchover, and the verdict. */
export function validationLines({ passed, conditions }: ValidationAnswer): string[] {
  const failed = conditions.filter((condition) => !condition.passed).length;
  const verdict = passed ? 'Ready for a planned switchover' : `Not ready for a planned switchover: ${failed} failed`;
  return [...conditionLines(conditions), verdict];
}

function conditionLines(conditions: readonly ConditionAnswer[]): string[] {
  const width = Math.max(0, ...conditions.map(({ condition }) => condition.length));
  return conditions.flatMap(({ condition, passed, detail, hint }) => [
    `${passed ? 'PASS' : 'FAIL'}  ${condition.padEnd(width)}  ${detail}`,
    ...(hint === null ? [] : [`      ${' '.repeat(width)}  ${hint}`]),
  ]);
}

/** The transitions of a switchover and its outcome; for one that was refused, the conditions that failed. */
export function switchoverLines({ outcome, failed, forced, tookMs, transitions }: SwitchoverAnswer): string[] {
  const steps = transitions.map(({ from, to, reason, term }) => `  ${from} -> ${to}: ${reason}, term ${term}`);
  switch (outcome) {
    case 'refused':
      return [
        ...conditionLines(failed),
        `The switchover was refused${forced ? '' : '; "force" goes on without what is not indispensable'}`,
      ];
    case 'completed':
      return [...steps, `The peer has taken over, after ${tookMs} ms`];
    case 'came-back':
      return [...steps, `The peer did not take over: this chassis serves on, after ${tookMs} ms`];
    case 'under-way':
      return [...steps, `Not decided after ${tookMs} ms: show srp info tells how it goes on`];
  }
}

/** How a comparison of what both chassis hold has ended. */
export function auditLines({ outcome, bucketsDiffered, tookMs }: AuditAnswer): string[] {
  switch (outcome) {
    case 'equal':
      return [`Both chassis hold the same, after ${tookMs} ms`];
    case 'repaired':
      return [`${bucketsDiffered} buckets differed, and were sent again within ${tookMs} ms`];
    case 'repairing':
      return [`${bucketsDiffered} buckets differ, and are being sent again: show srp audit-statistics tells more`];
    case 'unanswered':
      return [`The standby did not answer within ${tookMs} ms: show srp info tells how it is`];
  }
}

/** Whether there was a flag to take back. */
export function probeFlagLines({ wasSet }: ProbeFlagAnswer): string[] {
  return [wasSet ? 'The auth-probe-fail flag is reset' : 'The auth-probe-fail flag was not set'];
}

/** That it takes the role, and with what. */
export function aloneLines({ term, store }: AloneAnswer): string[] {
  return [
    `This chassis takes the role under term ${term}, with the sessions of its own call recovery store`,
    `It follows the service of term ${store.term}, ${storeWords[store.as]}: show srp info tells how it goes on`,
  ];
}

/** Whether NACKs are sent for a CMD-ID, and for which they are not. */
export function nackLines({ cmdId, names, enabled, disabledNackCmdIds }: NackAnswer): string[] {
  return [
    `NACK ${enabled ? 'enabled' : 'disabled'} for CMD-ID ${cmdId}: ${names.join(', ')}`,
    `NACK disabled for: ${disabledNackCmdIds.join(', ') || 'none'}`,
  ];
}
