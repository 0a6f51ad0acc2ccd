import { describe, expect, it } from 'vitest';
import { parsePrefix } from '../../src/kernel/address.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import { explainSubscriber } from '../../src/operations/explain/explain-subscriber.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { emptySource } from '../operations/view-source.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

/** What a person who looks for a fault is told: the cause has to be found from it alone. */
function told(world: MemoryWorld): {
  readonly findings: string;
  readonly advice: string;
  readonly names: readonly string[];
} {
  const events = new EventLog();
  for (const event of world.events) events.add(event, world.now);
  const source = { ...emptySource(), manager: world.gateway, events };
  const explained = explainSubscriber(source, { now: world.now, wallClock: 1_700_000_000_000 }, world.ue.mac);
  return {
    findings: explained.findings.join('\n'),
    advice: explained.advice.join('\n'),
    names: explained.events.map(({ name }) => name),
  };
}

function attempted(world: MemoryWorld, by: 'rg1' | 'wlc1', forMs = 40_000): MemoryWorld {
  world.ue.moveTo(world[by], 'dhcp-discover', world.now);
  world.run(forMs);
  return world;
}

const withoutRgs = (config: SamogConfig): SamogConfig => ({
  ...config,
  mrmeService: {
    ...config.mrmeService,
    twanProfiles: config.mrmeService.twanProfiles.map((profile) =>
      profile.accessType === 'eogre' ? { ...profile, clients: [parsePrefix('10.99.0.0/16')!] } : profile,
    ),
  },
});

const withoutHandover = (config: SamogConfig): SamogConfig => ({
  ...config,
  samogService: { ...config.samogService, handover: { ...config.samogService.handover, enable: false } },
});

describe('the cause of a fault is found from the explanation', () => {
  it('an RG that no profile knows', () => {
    const { findings, advice } = told(attempted(new MemoryWorld(configOf(withoutRgs)), 'rg1'));
    expect(findings).toContain('It has no session.');
    expect(findings).toMatch(/[1-9]\d* packets came from access nodes that are in no TWAN profile/);
    expect(advice).toContain('show twan-profile');
  });

  it('an AAA server that rejects', () => {
    const world = new MemoryWorld();
    world.aaa.policy = () => ({ kind: 'reject' });
    const { findings, advice, names } = told(attempted(world, 'rg1', 1000));
    expect(findings).toContain('the AAA server rejected the UE');
    expect(advice).toContain('mrme-service.user-name');
    expect(names).toContain('access-reject-received');
  });

  it('an AAA server that is silent', () => {
    const world = new MemoryWorld();
    world.drops = ({ destination }) => destination === address.aaa;
    const { findings, advice } = told(attempted(world, 'wlc1'));
    expect(findings).toContain('no AAA server answered in time');
    expect(advice).toContain('show mrme-service');
  });

  it('an LMA that is silent', () => {
    const world = new MemoryWorld();
    world.drops = ({ destination }) => destination === address.lma;
    const { findings, advice } = told(attempted(world, 'rg1'));
    expect(findings).toContain('the LMA did not answer within setup-timeout');
    expect(advice).toContain('UDP 5436');
  });

  it('a handover that is switched off', () => {
    const world = attempted(new MemoryWorld(configOf(withoutHandover)), 'wlc1', 200);
    attempted(world, 'rg1', 200);
    const { findings, advice } = told(world);
    expect(findings).toMatch(/It has a session .*at PMIPv6 192\.0\.2\.11/);
    expect(findings).toContain('handover between access types is switched off');
    expect(advice).toContain('samog-service.handover.enable');
  });

  it('nothing, where there is none', () => {
    const { findings, advice } = told(attempted(new MemoryWorld(), 'rg1', 200));
    expect(findings).toMatch(/^It has a session .*EoGRE 198\.51\.100\.1, address 10\.45\.0\.2\. It has not moved\.$/);
    expect(advice).toBe('');
  });
});
