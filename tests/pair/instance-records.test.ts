import { expect, it } from 'vitest';
import type { ReceiverMessage, SenderMessage } from '../../src/icsr/replication/replication-receiver.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { ActiveSessions } from '../../src/sessmgr/pair/active-sessions.ts';
import { replicationDefaults } from '../../src/sessmgr/pair/options.ts';
import { StandbySessions } from '../../src/sessmgr/pair/standby-sessions.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { testDigests } from '../support/digests.ts';
import { PairWorld } from './pair-world.ts';

const instanceLevelIntervalMs = 1_800_000;
const options = { ...replicationDefaults, instance: 1, instanceLevelIntervalMs };

/** The active of one chassis and the standby of the other, without sessions; what the standby said and was told. */
class Instances {
  now = 0;
  readonly #down: SenderMessage[] = [];
  readonly #up: ReceiverMessage[] = [];
  readonly active: ActiveSessions;
  readonly standby: StandbySessions;
  readonly told: string[] = [];
  readonly refused: string[] = [];

  constructor(activeConfig: SamogConfig, standbyConfig: SamogConfig) {
    const sessions = (config: SamogConfig, send: (message: SenderMessage) => void) =>
      new ActiveSessions(
        options,
        config,
        {
          output: { send: () => {} },
          digests: testDigests,
          random: new SeededRandom(1),
          wallClock: () => 0,
          restartCounter: 1,
        },
        () => this.now,
        send,
      );
    this.active = sessions(activeConfig, (message) => this.#down.push(message));
    const next = sessions(standbyConfig, () => {});
    this.standby = new StandbySessions(
      options,
      next,
      [],
      () => this.now,
      (message) => this.#up.push(message),
    );
    this.active.connected(0);
    this.standby.receiver.connected(0);
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    while (this.now < end) {
      this.active.advance(this.now);
      this.standby.advance(this.now);
      while (this.#up.length + this.#down.length > 0) this.#deliver();
      const next = Math.min(this.active.nextDeadline(), this.standby.nextDeadline());
      this.now = Math.min(end, Math.max(this.now + 0.5, next));
    }
  }

  #deliver(): void {
    for (const message of this.#up.splice(0)) {
      if (message.kind === 'streamNack') this.refused.push(`${message.cmdId}/${message.nameIndex} ${message.reason}`);
      this.active.receive(message, this.now);
    }
    for (const message of this.#down.splice(0)) {
      if (message.kind === 'streamBatch') {
        this.told.push(...message.records.map(({ cmdId, nameIndex }) => `${cmdId}/${nameIndex}`));
      }
      this.standby.receiver.receive(message, this.now);
    }
  }
}

const config = configOf();
const withApn = (apn: string | undefined): SamogConfig => ({
  ...config,
  cgwService: { ...config.cgwService, s2a: { ...config.cgwService.s2a, apn } },
});

it('at READY_STATE the standby learns the numbers of services, contexts and APNs', () => {
  const instances = new Instances(withApn('internet'), withApn('internet'));
  instances.run(100);
  const { active, standby, told, refused } = instances;
  expect(told).toEqual(['0/3', '0/4', '0/1', '262/0']);
  expect(refused).toEqual([]);
  expect(standby.peerInstance.maps).toEqual(active.identifiers);
  expect(active.identifiers.apns).toEqual([{ apnId: 1, apnName: 'internet' }]);
  expect(active.identifiers.services.map(({ kind, serviceName }) => `${kind} ${serviceName}`)).toEqual([
    `samog ${config.samogService.name}`,
    `cgw ${config.cgwService.name}`,
    `mrme ${config.mrmeService.name}`,
    `dhcp ${config.dhcpService.name}`,
  ]);
});

it('every 30 minutes the instance level checkpoint compares them, and nothing else is sent', () => {
  const instances = new Instances(withApn('internet'), withApn('internet'));
  instances.run(100);
  instances.told.length = 0;
  instances.run(2 * instanceLevelIntervalMs);
  expect(instances.told).toEqual(['0/2', '0/2']);
  expect(instances.refused).toEqual([]);
});

it('an APN that the standby does not have is refused once, kept as unresolved, and the stream is as ready as ever', () => {
  const instances = new Instances(withApn('internet'), withApn(undefined));
  instances.run(10_000);
  expect(instances.refused).toEqual(['0/1 unresolved-name']);
  expect(instances.told).toEqual(['0/3', '0/4', '0/1', '262/0', '0/3', '0/4', '0/1', '262/0']);
  expect(instances.standby.peerInstance.unresolved).toEqual(['APN internet']);
  expect(instances.active.isPeerReady).toBe(true);
});

it('a standby knows what its peer calls by numbers', () => {
  const pair = new PairWorld();
  pair.world.run(1000);
  const { own } = pair.a.chassis.identifiers();
  expect(pair.b.chassis.identifiers().peer?.maps).toEqual(own);
  expect(pair.a.chassis.identifiers().peer).toBeUndefined();
});
