import { describe, expect, it } from 'vitest';
import { hostDigests } from '../../src/host/digests.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { InstanceGroup } from '../../src/sessmgr/instances/instance-group.ts';
import { SessionManager } from '../../src/sessmgr/session-manager.ts';
import type { MakeGateway } from '../../src/simulator/gateway.ts';
import { GatewayPorts } from '../../src/simulator/gateway-node.ts';
import { runOptions } from '../../src/simulator/options.ts';
import { simulateRun } from '../../src/simulator/run.ts';
import { samogConfig } from '../../src/simulator/virtual-config.ts';

const digests = hostDigests();

/** A gateway that is given a configuration with every so many packets, and between two deadlines. */
function reconfigured(every: number, next: (config: SamogConfig, round: number) => SamogConfig): MakeGateway {
  return ({ options, network, random, traffic, wallClock }) => {
    const output = new GatewayPorts(network, (port, peer, bytes) => traffic.sent(group.reader, port, peer, bytes));
    const config = samogConfig(options.config, options.lmas);
    const managers: SessionManager[] = [];
    const group: InstanceGroup = new InstanceGroup(options.instances, config, () => managers);
    for (let index = 0; index < options.instances; index += 1) {
      const own = group.dependenciesOf(index, { output });
      managers.push(new SessionManager(config, { ...own, digests, random, wallClock, restartCounter: 1 }));
    }
    group.start(0);
    group.holdAccounting(0);
    group.announceAccounting(0);
    let turns = 0;
    const turn = (now: number): void => {
      turns += 1;
      if (turns % every === 0) group.reconfigure(next(structuredClone(config), turns / every), now);
    };
    return {
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
      others: [],
      manager: group.reader,
      managers,
      mayMiss: false,
      holds: (id) => group.reader.registry.hasId(id),
      clock: (now) => now,
      clear: (mac, now) => {
        group.clear(mac, 'operator', now);
      },
      calm: (now) => group.reconfigure(config, now),
    };
  };
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
      reconfigured(7, (config) => config),
    );
    expect(before.violations).toEqual([]);
    expect(after.violations).toEqual([]);
    expect(after.traceHash).toBe(before.traceHash);
  });

  it.each([41, 42, 43, 44, 45, 46])('and says something else leaves every session what it is: seed %i', (seed) => {
    const result = simulateRun(runOptions(seed, 1200, 'all'), digests, reconfigured(25, varied));
    expect(result.violations).toEqual([]);
    expect(result.sessions).toBeGreaterThan(0);
  });
});
