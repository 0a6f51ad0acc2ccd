/** What a step of the session machine did, in words short enough to compare. */
import type { SessionEffect } from '../../src/services/samog/session/effect.ts';
import type { LiveSession, Session } from '../../src/services/samog/session/state.ts';
import { find } from '../../src/wire/bytes/tlv.ts';
import { dhcpOption } from '../../src/wire/dhcpv4/options.ts';
import { rgB, ueAddress } from './session-samples.ts';

/** What was sent, as short words in order; counters and reports left out. */
export function sent(effects: readonly SessionEffect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'sendPba':
        return [`PBA ${effect.message.status} lifetime ${effect.message.lifetimeSeconds}`];
      case 'sendDhcpReply':
        return [`${find(effect.message.options, dhcpOption.messageType)} ${effect.message.yourAddress === ueAddress}`];
      case 'sendS2aPbu':
        return [`S2a PBU lifetime ${effect.message.lifetimeSeconds}`];
      case 'sendBri':
        return [`BRI ${effect.message.trigger}`];
      case 'count':
      case 'report':
        return [];
      default:
        return [effect.kind];
    }
  });
}

export function counted(effects: readonly SessionEffect[], prefix: string): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'count' && effect.counter.startsWith(prefix) ? [effect.counter.slice(prefix.length)] : [],
  );
}

export function live(session: Session | undefined): LiveSession {
  if (session?.kind !== 'Live') throw new Error(`not live but ${session?.kind}`);
  return session;
}

export const atRgB = { kind: 'eogre', peer: rgB, key: undefined, vlan: undefined } as const;
export const dataAtRgB = { kind: 'dataTriggered', path: atRgB, sourceMatches: true } as const;
