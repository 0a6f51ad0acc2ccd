import { createSecureContext } from 'node:tls';
import { formatIp } from '../../kernel/address.ts';
import type { InterceptConfig } from '../../operations/config/intercept-config.ts';
import { DeliveryRoom } from '../../services/samog/intercept/delivery-room.ts';
import type { Target } from '../../services/samog/intercept/target.ts';
import type { InterceptNews, InterceptReport } from '../../sessmgr/instances/intercept-messages.ts';
import { RemoteIntercepts } from '../../sessmgr/instances/remote-intercepts.ts';
import { Intercepts } from '../../sessmgr/intercepts.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { now, wallClock } from '../clock.ts';
import { hostSeal } from '../seal.ts';
import { StartError } from '../start-error.ts';
import { DeliveryLink, type DeliveryStatus } from './delivery-link.ts';
import { readKey, readTls } from './intercept-files.ts';
import { checkpointSeal, type InterceptShare } from './intercept-share.ts';
import { InterceptStore } from './intercept-store.ts';
import { type Provisioned, type ProvisioningDesk, ProvisioningDoor } from './provisioning-door.ts';

/** The gateway as the desk sees it. */
export interface InterceptedGateway {
  /** False on a chassis of a pair that follows its peer. */
  serves(): boolean;
  /** The core was told something: it has another deadline. */
  poke(): void;
}

/** As whoever provisions sees it. */
export interface InterceptStatus {
  readonly serves: boolean;
  readonly targets: number;
  readonly interceptions: number;
  /** Whether the other chassis has all targets; null while there is none that is connected. */
  readonly isFollowed: boolean | null;
  readonly delivery: readonly DeliveryStatus[];
  /** Why targets cannot be kept on disk; null if they are. */
  readonly storeFailing: string | null;
  readonly auditFailing: string | null;
  /** Records of the other chassis that were sealed with another key. */
  readonly unreadable: number;
  /** Faults that were contained. */
  readonly faults: number;
}

/** What the desk has to do with the intercepts of an instance, wherever that is. */
type DeskIntercepts = Pick<
  Intercepts,
  'targets' | 'followedTo' | 'unreadable' | 'faults' | 'put' | 'withdraw' | 'take' | 'settle'
> & {
  readonly states: Pick<Intercepts['states'], 'all' | 'take'>;
  readonly interceptions: { readonly length: number };
};

/** What the threads of session manager instances have to do with the desk. */
export interface InterceptsOfThreads {
  /** What each is given. */
  readonly share: InterceptShare;
  /** A thread has the instance at a place: it is told what is known, and what comes. */
  begin(index: number, send: (news: InterceptNews) => void): void;
  heard(index: number, report: InterceptReport): void;
  /** Told behind all that it has said. */
  ended(index: number): void;
}

/** Delivery functions by their names. */
type Links = ReadonlyMap<string, { readonly room: DeliveryRoom; readonly link: DeliveryLink }>;

/** How long whoever provisions waits for the other chassis. */
const followMs = 2000;
const lookMs = 10;
const auditOctetsMax = 10_000_000;
const auditFilesMax = 100;

/**
 * Lawful intercept of a chassis toward the outside: targets in their sealed file, delivery functions, the audit, and the door
 * for whoever provisions. Nothing here reports to the gateway's log, events, counters or views.
 */
export class InterceptDesk implements ProvisioningDesk {
  /** One for each session manager instance that is in this thread. */
  readonly intercepts: readonly Intercepts[];
  readonly #apart: readonly RemoteIntercepts[];
  readonly #share: InterceptShare;
  readonly audit: AuditLog;
  readonly #store: InterceptStore;
  readonly #links: Links;
  readonly #door: ProvisioningDoor;
  #gateway: InterceptedGateway | undefined;

  private constructor(
    config: InterceptConfig,
    instances: number,
    placement: 'here' | 'apart',
    key: Uint8Array,
    links: Links,
    audit: AuditLog,
  ) {
    this.#links = links;
    this.audit = audit;
    this.#store = new InterceptStore(config.directory, storeSeal(key), () => ({
      entries: [...this.#all[0]!.targets.entries()],
      states: this.#all.flatMap(({ states }) => states.all()),
    }));
    const { networkFunction, targetsMax } = config;
    const rooms = [...links].map(
      ([
        name,
        {
          room: { octetsMax, buffer },
        },
      ]) => ({ name, octetsMax, buffer }),
    );
    this.#share = { networkFunction, targetsMax, key, rooms };
    const changed = (): void => this.#store.changed();
    const deliver: ConstructorParameters<typeof Intercepts>[0]['deliver'] = (delivery, kind, pdu) =>
      links.get(delivery)?.link.offer(kind, pdu) === true;
    const seal = checkpointSeal(key);
    const dependencies = { seal, networkFunction, targetsMax, wallClock, deliver, changed };
    const [here, apart] = placement === 'here' ? [instances, 0] : [0, instances];
    this.intercepts = Array.from({ length: here }, () => new Intercepts(dependencies));
    this.#apart = Array.from({ length: apart }, () => new RemoteIntercepts({ targetsMax, wallClock, changed }));
    this.#door = new ProvisioningDoor(config.provisioning, readTls(config.provisioning.tls, at('provisioning')), this);
  }

  /**
   * Prepares everything, with what was kept; nobody is heard yet, and nothing is sent.
   *
   * @param instances how many session manager instances there are
   * @param placement whether they are in this thread, or each in one of its own
   * @throws StartError with what is in the way
   */
  static async open(
    config: InterceptConfig,
    instances: number,
    placement: 'here' | 'apart' = 'here',
  ): Promise<InterceptDesk> {
    const key = readKey(config.keyFile);
    const links: Links = new Map(
      config.delivery.map((delivery, index) => {
        const room = DeliveryRoom.for(delivery.bufferOctets, instances);
        return [delivery.name, { room, link: newLink(delivery, index, room) }];
      }),
    );
    try {
      const kept = await InterceptStore.load(config.directory, storeSeal(key));
      const path = `${config.directory}/audit.jsonl`;
      const audit = await AuditLog.open({ path, octetsMax: auditOctetsMax, filesMax: auditFilesMax });
      const desk = new InterceptDesk(config, instances, placement, key, links, audit);
      for (const intercepts of desk.#all) {
        intercepts.take(kept.entries, now());
        intercepts.states.take(kept.states);
      }
      return desk;
    } catch (error) {
      if (error instanceof StartError) throw error;
      const what = error instanceof Error ? error.message : String(error);
      const hint = 'let the user of the gateway read and write there, with the key that was used before';
      throw new StartError([{ path: at('directory'), what, hint }]);
    }
  }

  /** Hears whoever provisions, and connects to the delivery functions. @throws StartError if the door cannot be opened */
  async start(gateway: InterceptedGateway): Promise<void> {
    this.#gateway = gateway;
    await this.#door.listen();
    for (const { link } of this.#links.values()) link.start();
  }

  /** For instances in threads of their own. */
  get threads(): InterceptsOfThreads {
    return {
      share: this.#share,
      begin: (index, send) => this.#apart[index]!.begin(send),
      heard: (index, report) => this.#heard(index, report),
      ended: (index) => {
        this.#apart[index]!.ended();
        for (const { room } of this.#links.values()) room.lost(index);
      },
    };
  }

  async stop(): Promise<void> {
    await this.#door.close();
    for (const intercepts of this.#all) intercepts.settle();
    await Promise.all([...this.#links.values()].map(({ link }) => link.close()));
    await this.#store.close();
    await this.audit.close();
  }

  get serves(): boolean {
    return this.#gateway?.serves() === true;
  }

  /** The names of the delivery functions. */
  get deliveries(): readonly string[] {
    return [...this.#links.keys()];
  }

  targets(): readonly Target[] {
    return this.#all[0]!.targets.targets();
  }

  target(xid: string): Target | undefined {
    return this.#all[0]!.targets.get(xid);
  }

  async put(target: Target): Promise<Provisioned | undefined> {
    return this.#change((intercepts) => intercepts.put(target, now()) !== undefined);
  }

  async withdraw(xid: string): Promise<Provisioned | undefined> {
    return this.#change((intercepts) => intercepts.withdraw(xid, now()) !== undefined);
  }

  status(): InterceptStatus {
    return {
      serves: this.serves,
      targets: this.targets().length,
      interceptions: this.#sum(({ interceptions }) => interceptions.length),
      isFollowed: this.#isFollowed(),
      delivery: [...this.#links.values()].map(({ link }) => link.status()),
      storeFailing: this.#store.failing ?? null,
      auditFailing: this.audit.failing,
      unreadable: this.#sum(({ unreadable }) => unreadable),
      faults: this.#sum(({ faults }) => faults),
    };
  }

  get #all(): readonly DeskIntercepts[] {
    return this.#apart.length > 0 ? this.#apart : this.intercepts;
  }

  #sum(of: (intercepts: DeskIntercepts) => number): number {
    return this.#all.reduce((sum, intercepts) => sum + of(intercepts), 0);
  }

  #heard(index: number, report: InterceptReport): void {
    this.#apart[index]!.heard(report);
    for (const { delivery, pdu } of report.pdus) {
      const { room, link } = this.#links.get(delivery)!;
      room.arrived(index, pdu.length);
      link.put(pdu);
    }
  }

  async #change(change: (intercepts: DeskIntercepts) => boolean): Promise<Provisioned | undefined> {
    const done = this.#all.map(change);
    if (!done.every((each) => each)) return undefined;
    this.#gateway?.poke();
    await this.#store.flush();
    for (const end = now() + followMs; this.#isFollowed() === false && now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    return { isFollowed: this.#isFollowed() };
  }

  #isFollowed(): boolean | null {
    const followed = this.#all.map(({ followedTo, targets }) => {
      return followedTo === undefined ? undefined : followedTo >= targets.revision;
    });
    if (followed.some((each) => each === undefined)) return null;
    return followed.every((each) => each === true);
  }
}

function at(setting: string): string {
  return `lawful-intercept.${setting}`;
}

function storeSeal(key: Uint8Array) {
  return hostSeal(key, 'intercept store');
}

function newLink(delivery: InterceptConfig['delivery'][number], index: number, room: DeliveryRoom): DeliveryLink {
  const { name, address, port, tlsName, tls, keepaliveMs, timeoutMs } = delivery;
  const setting = at(`delivery.${index}`);
  const material = readTls(tls, setting);
  try {
    const secureContext = createSecureContext({ ...material, minVersion: 'TLSv1.2' });
    const target = {
      host: formatIp(address),
      port,
      secureContext,
      ...(tlsName === undefined ? {} : { servername: tlsName }),
    };
    return new DeliveryLink({ name, target, room, keepaliveMs, timeoutMs });
  } catch (error) {
    const what = `certificate and key cannot be used: ${(error as Error).message}`;
    throw new StartError([{ path: setting, what, hint: 'give the key of that certificate, in PEM' }]);
  }
}
