import type { Instant } from '../../src/kernel/instant.ts';
import type { PacketInput } from '../../src/kernel/port.ts';
import { Directory } from '../../src/sessmgr/instances/directory.ts';
import { InstanceMemory } from '../../src/sessmgr/instances/instance-memory.ts';
import { lastingReader } from '../../src/sessmgr/instances/merged-reader.ts';
import { PacketRouter } from '../../src/sessmgr/instances/packet-router.ts';
import { RemoteGroup } from '../../src/sessmgr/instances/remote-group.ts';
import { ServedInstance } from '../../src/sessmgr/instances/served-instance.ts';
import type { MembersApart } from '../../src/sessmgr/pair/member-of-pair.ts';
import type { ChassisOfPairDependencies, ChassisOfPairOptions } from '../../src/sessmgr/pair/options.ts';
import { RemoteMember } from '../../src/sessmgr/pair/remote-member.ts';
import { ServedMember } from '../../src/sessmgr/pair/served-member.ts';
import type { RecoveryBatch, StoredSession } from '../../src/sessmgr/recovery/recovery-store.ts';
import type { RecoveryWriterOptions } from '../../src/sessmgr/recovery/recovery-writer.ts';
import type { DeliveryDesk } from './delivery-desk.ts';
import { isOfInstance } from './steered.ts';

/**
 * The instances of a chassis of a pair, that see no more of it than threads would: every message between them is cloned. It
 * is delivered at once, so that the chassis can be looked at after each step.
 *
 * @param kept how sessions are kept for instances that are begun anew; without it nothing is
 * @param desks of lawful intercept, for each instance; without them there is none
 */
export function portedMembers(
  options: ChassisOfPairOptions,
  dependencies: ChassisOfPairDependencies,
  worldClock: () => Instant,
  kept?: RecoveryWriterOptions,
  desks?: readonly DeliveryDesk[],
): PortedMembers {
  let ofChassis: (() => Instant) | undefined;
  const clock = (): Instant => ofChassis?.() ?? worldClock();
  const { samog, instances: count = 1, restartCounter } = options;
  const channels = samog.mrmeService.bind.sourcePorts;
  const memory = InstanceMemory.for(count);
  const members: RemoteMember[] = [];
  const rows = Array.from({ length: count }, () => new Map<number, StoredSession>());
  const cores: ServedMember[] = [];
  const group = new LookingGroup(count, samog, memory, {
    batchCame: (index, batch) => {
      keep(rows[index]!, batch);
      group.send(index, { kind: 'stored' });
    },
    eventsCame: () => {},
    intercepted: (index, report) => desks?.[index]?.heard(report),
    membersSaid: (index, said) => {
      for (const one of said) members[index]!.heard(one);
    },
  });
  const newServed = (index: number): ServedInstance => {
    const first = index * channels;
    const { output, digests, random, wallClock, seal, recover } = dependencies;
    const instance: ServedInstance = new ServedInstance(
      { config: samog, index, count, restartCounter, strays: [], recovery: kept, tellsEvents: false },
      {
        ...{ memory, digests, random, wallClock },
        ...(seal === undefined ? {} : { seal }),
        intercepts: desks?.[index]?.newServed(),
        now: clock,
        isUrgent: () => false,
        output: {
          send: (port, channel, ...packet) => output.send(port, port === 'aaa' ? first + channel : channel, ...packet),
        },
        post: (message) => {
          if (served[index] === undefined || served[index] === instance) {
            group.heardFrom(index, structuredClone(message));
          }
        },
        core: (own, { post, stored }) => {
          const core = new ServedMember(
            options,
            {
              ...own,
              index,
              ...(dependencies.report === undefined ? {} : { report: dependencies.report }),
            },
            {
              ...{ memory, now: clock, post, stored },
              recover: (manager, now) => {
                recover?.(manager, now, index);
                return undefined;
              },
            },
          );
          cores[index] = core;
          return core;
        },
      },
    );
    return instance;
  };
  const served: ServedInstance[] = [];
  const begin = (index: number): void => {
    const instance = newServed(index);
    served[index] = instance;
    group.begin(index, (message) => {
      instance.take(structuredClone(message));
      instance.flush();
    });
    desks?.[index]?.remote.begin((news) => group.send(index, { kind: 'intercepts', news }));
  };
  for (let index = 0; index < count; index += 1) begin(index);
  const managers = () => served.map(({ manager }) => manager);
  const reader = lastingReader(managers);
  const kernel = new PacketRouter(count, channels, new Directory());
  const receive: PacketInput['receive'] = (port, channel, peer, peerPort, bytes, now) => {
    if (!isOfInstance(port, channel, bytes)) {
      group.receive(port, channel, peer, peerPort, bytes, now);
      return group.flush();
    }
    const instance = served[kernel.instanceOf(port, channel, peer, bytes)]!;
    instance.receive(port, port === 'aaa' ? channel % channels : channel, peer, peerPort, bytes, now);
    instance.flush();
  };
  return {
    get reader() {
      return reader();
    },
    get managers() {
      return managers();
    },
    clear: (mac) => group.clear(mac, () => {}),
    reconfigure: (samog) => group.reconfigure(samog),
    receive,
    serve: (serves) => {
      memory.servesUntil = serves ? Number.POSITIVE_INFINITY : 0;
    },
    start: () => group.start(),
    holdAccounting: () => group.holdAccounting(),
    announceAccounting: () => group.announceAccounting(),
    releaseAccounting: () => group.releaseAccounting(),
    member: (index, chassis) => {
      ofChassis = () => chassis.now();
      members[index] = new PortedMember(
        [index, group, memory, recovery, chassis],
        () => served[index]!,
        () => cores[index]!,
        clock,
      );
      return members[index];
    },
    end: (index) => {
      const sessions = memory.sessions[index]!;
      group.end(index);
      desks?.[index]?.ended();
      served[index] = newServed(index);
      return sessions;
    },
    begin: (index) => {
      begin(index);
      group.send(index, { kind: 'rows', rows: [...(rows[index]?.values() ?? [])] });
    },
  };
}

function keep(rows: Map<number, StoredSession>, { writtenAt, over, sessions, usage }: RecoveryBatch): void {
  for (const id of over) rows.delete(id);
  for (const row of sessions) rows.set(row.callId, { ...row, writtenAt, usage: rows.get(row.callId)?.usage });
  for (const { callId, ...used } of usage) {
    const row = rows.get(callId);
    if (row !== undefined) rows.set(callId, { ...row, usage: used });
  }
}

/** With the ends of threads. */
export interface PortedMembers extends MembersApart {
  /** What an instance had is lost, and what it had not said yet; returns how many sessions it had. */
  end(index: number): number;
  /** Another one is there in its place, which nobody has told anything yet. */
  begin(index: number): void;
}

const recovery = { restartCounter: () => 0, recovered: () => {} };

/** Whoever reads what was seen has it looked at now. */
class LookingGroup extends RemoteGroup {
  override get looks() {
    this.look({}, () => {});
    return super.looks;
  }
}

/** Runs its instance, as a thread would by itself, and shows what is there at the moment. */
class PortedMember extends RemoteMember {
  readonly #served: () => ServedInstance;
  readonly #core: () => ServedMember;
  readonly #clock: () => Instant;

  constructor(
    remote: ConstructorParameters<typeof RemoteMember>,
    served: () => ServedInstance,
    core: () => ServedMember,
    clock: () => Instant,
  ) {
    super(...remote);
    this.#served = served;
    this.#core = core;
    this.#clock = clock;
  }

  override advance(reads: boolean): void {
    super.advance(reads);
    this.#served().advance(this.#clock());
    this.#served().flush();
  }

  override nextDeadline(): Instant {
    return this.#served().nextDeadline();
  }

  override replication() {
    return this.#core().look([]).stream;
  }

  override checkpointsOf(callId: number) {
    return this.#core().look([callId]).checkpoints[0]?.[1];
  }

  override holds(callId: number): boolean {
    return this.#core().holds(callId);
  }
}
