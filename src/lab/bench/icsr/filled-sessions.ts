import type { Instant } from '../../../kernel/instant.ts';
import { never } from '../../../kernel/instant.ts';
import type { ResumedSession } from '../../../services/samog/checkpoints/resume.ts';
import { noUsage } from '../../../services/samog/checkpoints/saved-session.ts';
import { noGrants } from '../../../services/samog/grants.ts';
import { type DurableSession, noMoves } from '../../../services/samog/session/state.ts';
import { pmipv6Port } from '../../../wire/pmipv6/constants.ts';
import {
  addressOfUe,
  apn,
  type BenchNetwork,
  macOfUe,
  naiOfUe,
  peerKeyOfUe,
  poolPrefixLength,
  routerAddress,
  sessionIdOfUe,
} from '../network.ts';

const lifetimeSeconds = 3600;
const refreshMs = 3_300_000;
const dayMs = 86_400_000;
const classOctets = 16;

/**
 * Sessions as the attaches of UEs 0 to `count - 1` leave them, without the attaches: even ones by PMIPv6, odd ones by
 * DHCP, or all by DHCP. Deadlines are in the clock that shows `now`.
 */
export function* filledSessions(
  network: BenchNetwork,
  count: number,
  now: Instant,
  kind: 'mixed' | 'dhcp' = 'mixed',
): Generator<ResumedSession> {
  for (let ue = 0; ue < count; ue += 1) {
    const session = {
      kind: 'Live',
      durable: durableOf(network, ue, now, kind === 'mixed' && ue % 2 === 0),
      transient: { request: undefined, idleCheckAt: never, idlePackets: 0, isReauthorizing: false },
    } as const;
    yield { session, usage: noUsage };
  }
}

function durableOf(network: BenchNetwork, ue: number, now: Instant, isPmipv6: boolean): DurableSession {
  const id = sessionIdOfUe(ue);
  const wlc = network.wlcs[ue % network.wlcs.length]!;
  const rg = network.rgs[ue % network.rgs.length]!;
  const expiresAt = now + lifetimeSeconds * 1000;
  const nai = naiOfUe(ue);
  return {
    id,
    bornSecond: 0,
    account: undefined,
    wlc: undefined,
    handoff: undefined,
    radius: undefined,
    reply: undefined,
    challenge: undefined,
    mac: macOfUe(ue),
    nai,
    sessionType: isPmipv6 ? 'pmipv6' : 'dhcp',
    subscriber: {
      nai: undefined,
      apn,
      lma: undefined,
      homeAddress: undefined,
      sessionTimeoutSeconds: dayMs / 1000,
      idleTimeoutSeconds: undefined,
      classes: [new Uint8Array(classOctets).fill(0x5a)],
      chargeableUserIdentity: undefined,
      imsi: undefined,
      userName: undefined,
      interimIntervalSeconds: undefined,
      terminationAction: 'end',
      state: undefined,
    },
    ...noGrants,
    reauthorization: undefined,
    addresses: [{ address: addressOfUe(ue), prefixLength: poolPrefixLength, router: routerAddress }],
    access: isPmipv6
      ? { kind: 'pmipv6', peer: wlc, uplinkKey: id, downlinkKey: peerKeyOfUe(ue) }
      : { kind: 'eogre', peer: rg, key: undefined, vlan: undefined },
    eogreFlow: true,
    s2a: {
      peer: network.lma,
      uplinkKey: peerKeyOfUe(ue),
      downlinkKey: id,
      sequence: ue & 0xffff,
      lifetimeSeconds,
      refreshAt: now + refreshMs,
      expiresAt,
    },
    binding: isPmipv6
      ? { mag: wlc, magPort: pmipv6Port, nai, sequence: 1, timestamp: undefined, lifetimeSeconds, expiresAt }
      : undefined,
    lease: isPmipv6 ? undefined : { state: 'bound', expiresAt, relayInformation: undefined },
    moves: noMoves,
    cleanups: [],
    phase: { kind: 'Established' },
    createdAt: now,
    expiresAt: now + dayMs,
  };
}
