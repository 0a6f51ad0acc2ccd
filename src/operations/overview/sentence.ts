import type { ChassisState } from '../../wire/srp/names.ts';
import { durationText } from '../views/format.ts';
import { stateWords } from '../views/srp/words.ts';

/** What the sentence of health is made of. */
export interface HealthFacts {
  readonly sessions: number;
  /** Null on a chassis that is alone. */
  readonly pair: {
    readonly state: ChassisState;
    readonly serves: boolean;
    /** The standby, whichever it is, holds all sessions. */
    readonly ready: boolean;
    readonly peerHeard: boolean;
    readonly unprotected: number;
    readonly lastSwitchover: { readonly atSeconds: number; readonly reason: string } | null;
  } | null;
  readonly critical: number;
  readonly warnings: number;
}

/** How the gateway is, in one sentence for the top of every page. */
export function healthSentence({ sessions, pair, critical, warnings }: HealthFacts): string {
  return [protection(pair, sessions), ...lastOf(pair), alarmsText(critical, warnings)].join('; ');
}

function protection(pair: HealthFacts['pair'], sessions: number): string {
  if (pair === null) return `Alone: nobody would take over its ${amount(sessions)}`;
  const { serves, peerHeard, ready, unprotected, state } = pair;
  if (!serves) return `${stateWords[state]}${ready ? ', and ready to take over' : ', and not ready to take over'}`;
  if (!peerHeard) return `The peer is not heard: ${amount(sessions)} unprotected`;
  if (!ready) return `Standby not ready: not all of ${amount(sessions)} are protected`;
  return `Standby ready; ${countText(unprotected)} unprotected of ${countText(sessions)}`;
}

function lastOf(pair: HealthFacts['pair']): string[] {
  const last = pair?.lastSwitchover;
  return last ? [`last switchover ${durationText(last.atSeconds)} ago, ${last.reason}`] : [];
}

function alarmsText(critical: number, warnings: number): string {
  if (critical + warnings === 0) return 'no alarm';
  const parts = [
    ...(critical === 0 ? [] : [`${critical} critical`]),
    ...(warnings === 0 ? [] : [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`]),
  ];
  return `alarms: ${parts.join(', ')}`;
}

function amount(sessions: number): string {
  return `${countText(sessions)} ${sessions === 1 ? 'session' : 'sessions'}`;
}

/** `184,201`, of a whole number. Not by `toLocaleString`, which loads a locale at its first call: packets would wait 10 ms. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
