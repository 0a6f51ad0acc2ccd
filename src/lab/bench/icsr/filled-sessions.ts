import type { Instant } from '../../../kernel/instant.ts';
import { never } from '../../../kernel/instant.ts';
import type { ResumedSession } from '../../../services/samog/checkpoints/resume.ts';
import { noUsage } from '../../../services/samog/checkpoints/saved-session.ts';
import { noGrants } from '../../../services/samog/grants.ts';
import type { DurableSession } from '../../../services/samog/session/state.ts';
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
} from '../network.ts';

const lifetimeSeconds = 3600;
const refreshMs = 3_300_000;
const dayMs = 86_400_000;
const classOctets = 16;
/** Odd, so that products by it visit every number of 32 bits once: identifiers like random ones, each UE's its own. */
const spread = 0x9e3779b1;

/**
 * Sessions as the attaches of UEs 0 to `count - 1` leave them, without the attaches: even ones by PMIPv6, odd ones by
 * DHCP. Deadlines are in the clock that shows `now`.
 */
export function* filledSessions(network: BenchNetwork, count: number, now: Instant): Generator<ResumedSession> {
  for (let ue = 0; ue < count; ue += 1) {
    const session = {
      kind: 'Live',
      durable: durableOf(network, ue, now),
      transient: { request: undefined, idleCheckAt: never, idlePackets: 0, isReauthorizing: false },
    } as const;
    yield { session, usage: noUsage };
  }
}

function durableOf(network: BenchNetwork, ue: number, now: Instant): DurableSession {
  const isPmipv6 = ue % 2 === 0;
  const id = Math.imul(ue + 1, spread) >>> 0;
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
    moves: {
      previous: undefined,
      previousUntil: 0,
      count: 0,
      dataWindowStart: Number.NEGATIVE_INFINITY,
      dataSwitches: 0,
      lastTimestamp: undefined,
    },
    cleanups: [],
    phase: { kind: 'Established' },
    createdAt: now,
    expiresAt: now + dayMs,
  };
}
