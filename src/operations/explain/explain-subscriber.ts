import { formatIp, formatMac, type MacAddress } from '../../kernel/address.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { ageSeconds, durationText, timeOf } from '../views/format.ts';
import { type SubscriberSummary, subscriberSummaryOf } from '../views/subscriber.ts';
import type { Moment, ViewSource } from '../views/view.ts';
import { type Advice, denialAdvice, endAdvice, failureAdvice } from './sentences.ts';

/** Why a subscriber is where it is. */
export interface SubscriberExplanation {
  readonly mac: string;
  /** Null if it has no session. */
  readonly session: SubscriberSummary | null;
  /** What is so now, and the reason that the last decision about it had; a sentence each. */
  readonly findings: readonly string[];
  /** What to do, a sentence each; empty where nothing is wrong. */
  readonly advice: readonly string[];
  /** What is still known of its past, oldest first. */
  readonly events: readonly ExplainedEvent[];
}

export interface ExplainedEvent {
  readonly time: string | null;
  readonly ageSeconds: number | null;
  readonly name: string;
  readonly party: string;
  readonly peer: string | null;
  readonly direction: string;
  readonly text: string;
  /** What a decision's reason means; null for messages and for decisions that speak for themselves. */
  readonly meaning: string | null;
}

/** Events of one subscriber that are looked at. */
const eventsMax = 200;

/** The decisions that have a reason, at the end of their text after a colon. */
const reasoned: Readonly<Record<string, Readonly<Record<string, Advice>>>> = {
  'handover-denied': denialAdvice,
  'session-failed': failureAdvice,
  'session-ended': endAdvice,
};

/** What a decision's reason means and asks for; undefined where it has none, or one that has no sentence. */
export function adviceOf({ event, text }: LoggedEvent): Advice | undefined {
  const reason = text.slice(text.lastIndexOf(': ') + 2);
  const table = reasoned[event.name];
  return table !== undefined && Object.hasOwn(table, reason) ? table[reason] : undefined;
}

/** Tells from its session and its events where a subscriber is and why. Costs what a look at the ring of events costs. */
export function explainSubscriber(source: ViewSource, at: Moment, mac: MacAddress): SubscriberExplanation {
  const found = source.manager.registry.ofMac(mac)?.session;
  const session = found === undefined ? null : subscriberSummaryOf(found, at);
  const logged = source.events.latest(eventsMax, mac);
  const lastDecision = logged.findLast((one) => adviceOf(one) !== undefined);
  const verdict = lastDecision === undefined ? undefined : adviceOf(lastDecision);
  const findings = [presence(session)];
  const advice: string[] = [];
  if (lastDecision !== undefined && verdict !== undefined) {
    const seconds = ageSeconds(lastDecision.at, at);
    findings.push(`Last refusal or end, ${durationText(seconds ?? 0)} ago: ${lastDecision.text}: ${verdict.meaning}.`);
    if (verdict.advice !== null) advice.push(sentence(verdict.advice));
  }
  if (logged.length === 0) {
    const silence = silenceOf(source, session !== null);
    findings.push(...silence.findings);
    advice.push(...silence.advice);
  }
  return {
    mac: formatMac(mac),
    session,
    findings,
    advice,
    events: logged.map((one) => ({
      time: timeOf(one.at, at),
      ageSeconds: ageSeconds(one.at, at),
      name: one.event.name,
      party: one.event.party,
      peer: one.event.peer === undefined ? null : formatIp(one.event.peer),
      direction: one.event.direction,
      text: one.text,
      meaning: adviceOf(one)?.meaning ?? null,
    })),
  };
}

function presence(session: SubscriberSummary | null): string {
  if (session === null) return 'It has no session.';
  const { state, accessType, accessPeer, address, ageSeconds: age, moves } = session;
  const where = accessType === null ? '' : ` at ${accessType} ${accessPeer ?? 'nobody'}`;
  const since = age === null ? '' : ` for ${durationText(age)}`;
  const moved = moves === 0 ? 'It has not moved' : `It has moved ${moves} ${moves === 1 ? 'time' : 'times'}`;
  return `It has a session${since}: ${state}${where}, address ${address ?? 'none yet'}. ${moved}.`;
}

/** Nothing is remembered: either it is quiet, or what it sends is dropped before anybody knows whose it is. */
function silenceOf(source: ViewSource, hasSession: boolean): { findings: string[]; advice: string[] } {
  const findings = ['No event of it is remembered: nothing came of it lately, or the ring of events has gone on.'];
  const { counters, forwardingCounters } = source.manager;
  const unknown =
    forwardingCounters.get('uplink.dropped.unknown-client') +
    counters.get('pmipv6.discarded.unknown-client') +
    counters.get('dhcp.discarded.client-not-in-profile');
  if (hasSession || unknown === 0) return { findings, advice: [] };
  findings.push(`${unknown} packets came from access nodes that are in no TWAN profile; they may have been its own.`);
  return { findings, advice: ['See show twan-profile: is the network of its WLC or RG among the clients?'] };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const arrows: Readonly<Record<string, string>> = { received: '<-', sent: '->', internal: ' *' };

/** The explanation as text: what was found, what to do, then each event with its meaning. */
export function explanationLines({ mac, findings, advice, events }: SubscriberExplanation): string[] {
  return [
    `Subscriber ${mac}`,
    ...findings.map((line) => `  ${line}`),
    ...(advice.length === 0 ? [] : ['What to do:', ...advice.map((line) => `  ${line}`)]),
    `Events: ${events.length}`,
    ...events.flatMap(({ time, party, peer, direction, text, meaning }) => [
      `  ${time} ${arrows[direction]} ${peer === null ? party : `${party} ${peer}`}: ${text}`,
      ...(meaning === null ? [] : [`      because ${meaning}`]),
    ]),
  ];
}
