import { createSecureContext } from 'node:tls';
import { formatIp } from '../../kernel/address.ts';
import type { InterceptConfig } from '../../operations/config/intercept-config.ts';
import type { Target } from '../../services/samog/intercept/target.ts';
import { Intercepts } from '../../sessmgr/intercepts.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { now, wallClock } from '../clock.ts';
import { hostSeal } from '../seal.ts';
import { StartError } from '../start-error.ts';
import { DeliveryLink, type DeliveryStatus } from './delivery-link.ts';
import { readKey, readTls } from './intercept-files.ts';
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
  /** One for each session manager instance. */
  readonly intercepts: readonly Intercepts[];
  readonly audit: AuditLog;
  readonly #store: InterceptStore;
  readonly #links: ReadonlyMap<string, DeliveryLink>;
  readonly #door: ProvisioningDoor;
  #gateway: InterceptedGateway | undefined;

  private constructor(
    config: InterceptConfig,
    instances: number,
    key: Uint8Array,
    links: ReadonlyMap<string, DeliveryLink>,
    audit: AuditLog,
  ) {
    this.#links = links;
    this.audit = audit;
    this.#store = new InterceptStore(config.directory, storeSeal(key), () => ({
      entries: [...this.intercepts[0]!.targets.entries()],
      states: this.intercepts.flatMap(({ states }) => states.all()),
    }));
    this.intercepts = Array.from(
      { length: instances },
      () =>
        new Intercepts({
          seal: hostSeal(key, 'intercept checkpoints'),
          networkFunction: config.networkFunction,
          targetsMax: config.targetsMax,
          wallClock,
          deliver: (delivery, kind, pdu) => links.get(delivery)?.offer(kind, pdu) === true,
          changed: () => this.#store.changed(),
        }),
    );
    this.#door = new ProvisioningDoor(config.provisioning, readTls(config.provisioning.tls, at('provisioning')), this);
  }

  /**
   * Prepares everything, with what was kept; nobody is heard yet, and nothing is sent.
   *
   * @param instances how many session manager instances there are
   * @throws StartError with what is in the way
   */
  static async open(config: InterceptConfig, instances: number): Promise<InterceptDesk> {
    const key = readKey(config.keyFile);
    const links = new Map(config.delivery.map((delivery, index) => [delivery.name, newLink(delivery, index)]));
    try {
      const kept = await InterceptStore.load(config.directory, storeSeal(key));
      const path = `${config.directory}/audit.jsonl`;
      const audit = await AuditLog.open({ path, octetsMax: auditOctetsMax, filesMax: auditFilesMax });
      const desk = new InterceptDesk(config, instances, key, links, audit);
      for (const intercepts of desk.intercepts) {
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
    for (const link of this.#links.values()) link.start();
  }

  async stop(): Promise<void> {
    await this.#door.close();
    for (const intercepts of this.intercepts) intercepts.settle();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
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
    return this.intercepts[0]!.targets.targets();
  }

  target(xid: string): Target | undefined {
    return this.intercepts[0]!.targets.get(xid);
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
      interceptions: this.intercepts.reduce((sum, { interceptions }) => sum + interceptions.length, 0),
      isFollowed: this.#isFollowed(),
      delivery: [...this.#links.values()].map((link) => link.status()),
      storeFailing: this.#store.failing ?? null,
      auditFailing: this.audit.failing,
      unreadable: this.intercepts.reduce((sum, { unreadable }) => sum + unreadable, 0),
      faults: this.intercepts.reduce((sum, { faults }) => sum + faults, 0),
    };
  }

  async #change(change: (intercepts: Intercepts) => boolean): Promise<Provisioned | undefined> {
    const done = this.intercepts.map(change);
    if (!done.every((each) => each)) return undefined;
    this.#gateway?.poke();
    await this.#store.flush();
    for (const end = now() + followMs; this.#isFollowed() === false && now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    return { isFollowed: this.#isFollowed() };
  }

  #isFollowed(): boolean | null {
    const followed = this.intercepts.map(({ followedTo, targets }) => {
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

function newLink(delivery: InterceptConfig['delivery'][number], index: number): DeliveryLink {
  const { name, address, port, tlsName, tls, bufferOctets, keepaliveMs, timeoutMs } = delivery;
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
    return new DeliveryLink({ name, target, bufferOctets, keepaliveMs, timeoutMs });
  } catch (error) {
    const what = `certificate and key cannot be used: ${(error as Error).message}`;
    throw new StartError([{ path: setting, what, hint: 'give the key of that certificate, in PEM' }]);
  }
}
