import { spawnSync } from 'node:child_process';
import { AlarmWatch } from '../../src/host/alarms/alarm-watch.ts';
import type { Managed } from '../../src/host/management/answers.ts';
import { packetPasses } from '../../src/host/path-probe.ts';
import { parsePrefix } from '../../src/kernel/address.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { emptySource } from '../operations/view-source.ts';
import { configOf, MemoryWorld } from '../scenarios/memory-world.ts';

/** Gateways with one phone that does not work, for whoever has to find out why. */

export function attempted(world: MemoryWorld, forMs: number): MemoryWorld {
  world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
  world.run(forMs);
  return world;
}

/** No TWAN profile has the RG. */
export function unknownRg(): MemoryWorld {
  const config = configOf((given) => {
    const twanProfiles = given.mrmeService.twanProfiles.map((profile) =>
      profile.accessType === 'eogre' ? { ...profile, clients: [parsePrefix('10.99.0.0/16')!] } : profile,
    );
    return { ...given, mrmeService: { ...given.mrmeService, twanProfiles } };
  });
  return attempted(new MemoryWorld(config), 40_000);
}

/** AAA does not let the phone in. */
export function rejected(): MemoryWorld {
  const world = new MemoryWorld();
  world.aaa.policy = () => ({ kind: 'reject' });
  return attempted(world, 1000);
}

/** What a management API needs of the gateway of a world. */
export async function managedOf(world: MemoryWorld): Promise<Managed> {
  const events = new EventLog();
  for (const event of world.events) events.add(event, world.now);
  const alarmDesk = new AlarmWatch(undefined);
  const empty = emptySource();
  const { twanProfiles } = world.gateway.config.mrmeService;
  const config = { ...empty.config, ...world.gateway.config, twanProfiles };
  const source: ViewSource = { ...empty, config, manager: world.gateway, events, alarms: alarmDesk.reader };
  await alarmDesk.look(source);
  return { source, alarmDesk, clear: () => false, clearAll: () => 0 };
}

const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0;
const within = (name: string, ...args: string[]): boolean => ip('-n', name, ...args);

/** Two namespaces, and a way between them that swallows what is longer than 1400 octets without a word. */
export class BlackHole {
  /** Of the RG at its other end. */
  readonly address = '10.9.0.7';
  readonly #here = `samog-path-${process.pid}`;
  readonly #there = `samog-rg-${process.pid}`;

  /** Whether it could be made. */
  make(): boolean {
    const [here, there] = [this.#here, this.#there];
    return (
      ip('netns', 'add', here) &&
      ip('netns', 'add', there) &&
      within(here, 'link', 'add', 'way', 'mtu', '1500', 'type', 'veth', 'peer', 'name', 'way', 'netns', there) &&
      within(here, 'address', 'add', '10.9.0.1/24', 'dev', 'way') &&
      within(there, 'address', 'add', `${this.address}/24`, 'dev', 'way') &&
      within(there, 'link', 'set', 'way', 'mtu', '1400') &&
      within(here, 'link', 'set', 'way', 'up') &&
      within(there, 'link', 'set', 'way', 'up')
    );
  }

  remove(): void {
    for (const name of [this.#here, this.#there]) ip('netns', 'del', name);
  }

  /** What is written before a command that is to run at this end. */
  get entering(): string[] {
    return ['ip', 'netns', 'exec', this.#here];
  }

  /** Packets to an address go this way, all others arrive. */
  probe(of: string): (address: string, octets: number) => Promise<boolean> {
    const ping = [...this.entering, 'ping'];
    return async (address, octets) => address !== of || packetPasses(this.address, octets, ping);
  }
}
