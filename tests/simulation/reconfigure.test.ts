import { describe, expect, it } from 'vitest';
import { hostDigests } from '../../src/host/digests.ts';
import { parseIpv4 } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { gatewayOfGroup, type MakeGateway } from '../../src/simulator/gateway.ts';
import { runOptions } from '../../src/simulator/options.ts';
import { simulateRun } from '../../src/simulator/run.ts';

const digests = hostDigests();

/** The round that it is, by packets and deadlines so far, or by time. */
type Pace = (turns: number, now: number) => number;
const everyTurns = (turns: number): Pace => {
  return (so) => Math.floor(so / turns);
};
const everyMs = (ms: number): Pace => {
  return (_, now) => Math.floor(now / ms);
};

/** A gateway that is given a configuration with each round, behind a packet or between two deadlines. */
function reconfigured(pace: Pace, next: (config: SamogConfig, round: number) => SamogConfig): MakeGateway {
  return (surroundings) => {
    const { gateway, group, config } = gatewayOfGroup(surroundings);
    let turns = 0;
    let round = 0;
    let isCalm = false;
    const turn = (now: number): void => {
      turns += 1;
      const before = round;
      round = pace(turns, now);
      if (round !== before && !isCalm) group.reconfigure(next(structuredClone(config), round), now);
    };
    return {
      ...gateway,
      core: {
        receive: (...packet) => {
          group.receive(...packet);
          turn(packet[5]);
        },
        advance: (now) => {
          group.advance(now);
          turn(now);
        },
        nextDeadline: () => group.nextDeadline(),
      },
      calm: (now) => {
        isCalm = true;
        group.reconfigure(config, now);
      },
    };
  };
}

/**
 * A server that answers and, before it, one that is not there: other ones in each round, and now and then nobody who answers. What is on its
 * way to one that is not there comes to its end when that is gone, and there are others.
 */
function otherServers(config: SamogConfig, round: number): SamogConfig {
  const { radius } = config.mrmeService;
  const real = radius.servers[round % radius.servers.length]!;
  const address = parseIpv4(`198.18.0.${round % 256}`)!;
  const nowhere = { ...real, name: `nowhere-${round}`, address, priority: 0 };
  const servers = round % 3 === 0 ? [nowhere] : [nowhere, { ...real, priority: 1 }];
  return { ...config, mrmeService: { ...config.mrmeService, radius: { ...radius, servers } } };
}

/** What is hot and may differ without anybody being refused for it. */
function varied(config: SamogConfig, round: number): SamogConfig {
  const random = new SeededRandom(round);
  const between = (least: number, most: number) => least + random.below(most - least + 1);
  const { mrmeService, cgwService, dhcpService, samogService } = config;
  const { radius } = mrmeService;
  const servers = radius.servers.map((server) => ({
    ...server,
    weight: between(1, 9),
    priority: between(1, 3),
    outstandingMax: between(Math.ceil(server.outstandingMax / 2), server.outstandingMax),
    statusServer: random.chance(0.5),
  }));
  return {
    ...config,
    mrmeService: {
      ...mrmeService,
      radius: {
        ...radius,
        servers: servers.sort((left, right) => left.priority - right.priority),
        deadTimeMs: between(1000, 60_000),
      },
      accounting: { ...mrmeService.accounting, holdDownMs: between(1000, 5000) },
    },
    cgwService: {
      ...cgwService,
      s2a: { ...cgwService.s2a, heartbeat: { intervalMs: between(10_000, 60_000), missing: between(2, 4) } },
    },
    dhcpService: { ...dhcpService, dns: [random.u32() as SamogConfig['dhcpService']['dns'][number]] },
    samogService: {
      ...samogService,
      sessionsMax: samogService.sessionsMax + between(0, 4),
      handover: { ...samogService.handover, guardTimeMs: between(500, 4000) },
    },
  };
}

describe('a configuration that is taken while sessions are up', () => {
  it.each([31, 32, 33, 34])('and says the same changes nothing, to the last octet: seed %i', (seed) => {
    const options = runOptions(seed, 1200, 'all');
    const before = simulateRun(options, digests);
    const after = simulateRun(
      options,
      digests,
      reconfigured(everyTurns(7), (config) => config),
    );
    expect(before.violations).toEqual([]);
    expect(after.violations).toEqual([]);
    expect(after.traceHash).toBe(before.traceHash);
  });

  it.each([51, 52, 53, 54, 55, 56])('and has other AAA servers leaves nobody unanswered: seed %i', (seed) => {
    const { config, weights, ...options } = runOptions(seed, 1200, 'none');
    const patient = { ...config, setupTimeoutMs: 60_000, radiusTimeoutMs: 1000, outstandingMax: 8, dhcpProfile: true };
    let counted: (name: 'radius.timeout' | 'session.setup') => number = () => 0;
    const result = simulateRun(
      { ...options, config: patient, weights: { ...weights, aaaSilence: 0, clear: 5 } },
      digests,
      (surroundings) => {
        const gateway = reconfigured(everyMs(1500), otherServers)(surroundings);
        counted = (name) => gateway.manager.counters.get(name);
        return gateway;
      },
    );
    expect(result.violations).toEqual([]);
    expect(counted('session.setup')).toBeGreaterThan(0);
    // Before anything is given up there is one that answers: retransmissions take longer than a round.
    expect(counted('radius.timeout')).toBe(0);
  });

  it.each([41, 42, 43, 44, 45, 46])('and says something else leaves every session what it is: seed %i', (seed) => {
    const result = simulateRun(runOptions(seed, 1200, 'all'), digests, reconfigured(everyTurns(25), varied));
    expect(result.violations).toEqual([]);
    expect(result.sessions).toBeGreaterThan(0);
  });
});
