import { isDeepStrictEqual } from 'node:util';
import type { EventThreshold } from '../../operations/catalogue/event-kind.ts';
import type {
  NotificationsConfig,
  SnmpSinkConfig,
  SyslogSinkConfig,
  WebhookConfig,
} from '../../operations/config/notifications-config.ts';
import { isWanted, type Notification } from '../../operations/notifications/notification.ts';
import type { SinkStatus } from '../../operations/notifications/notification-reader.ts';
import { engineIdOf } from '../../operations/snmp/engine-id.ts';
import { type Delivery, SinkQueue } from './sink-queue.ts';
import { StreamSyslog, UdpSyslog } from './syslog-delivery.ts';
import { WebhookDelivery } from './webhook-delivery.ts';

/** A receiver that is to be told no more still takes what waits for it, for so long. */
const lastWordsMs = 1000;

type Wanted =
  | { readonly kind: 'syslog'; readonly config: SyslogSinkConfig }
  | { readonly kind: 'webhook'; readonly config: WebhookConfig }
  | { readonly kind: 'snmp'; readonly config: SnmpSinkConfig };

interface Receiver {
  readonly wanted: Wanted;
  readonly at: string;
  readonly events: EventThreshold;
  readonly queue: SinkQueue;
}

/** Who is told, each by a queue of its own. They can be replaced while others are being told. */
export class Receivers {
  readonly #chassis: string;
  readonly #life: string;
  #all: readonly Receiver[] = [];

  /** @param life as of `NotificationThreadData` */
  constructor(chassis: string, life: string) {
    this.#chassis = chassis;
    this.#life = life;
  }

  /**
   * Goes on with other receivers: one that is as it was goes on undisturbed; to one that has changed goes what waited for it; one that is
   * gone is told what waits, if it takes that soon.
   *
   * @param standing is told to those that are new
   */
  async take({ syslog, webhooks, snmp }: NotificationsConfig, standing: readonly Notification[]): Promise<void> {
    const wanted: Wanted[] = [
      ...syslog.map((config) => ({ kind: 'syslog', config }) as const),
      ...webhooks.map((config) => ({ kind: 'webhook', config }) as const),
      ...snmp.map((config) => ({ kind: 'snmp', config }) as const),
    ];
    const made = await Promise.all(
      wanted.map(async (each) => this.#all.find((known) => isDeepStrictEqual(known.wanted, each)) ?? this.#made(each)),
    );
    const former = this.#all.filter((known) => !made.includes(known));
    for (const receiver of made.filter((one) => !this.#all.includes(one))) {
      const before = former.find(({ wanted: { config } }) => config.name === receiver.wanted.config.name);
      for (const each of before?.queue.leave() ?? standing) receiver.queue.push(each);
    }
    this.#all = made;
    for (const { queue } of former) void ended(queue);
  }

  tell(notification: Notification): void {
    for (const { events, queue } of this.#all) {
      if (notification.kind === 'alarm' || isWanted(notification.name, events)) queue.push(notification);
    }
  }

  status(): SinkStatus[] {
    return this.#all.map(({ wanted, at, queue }) => ({
      ...{ name: wanted.config.name, kind: wanted.kind, at },
      ...queue.counts(),
    }));
  }

  /** Resolves when what waits has been told, or soon after. */
  async end(): Promise<void> {
    await Promise.all(this.#all.map(({ queue }) => ended(queue)));
  }

  async #made(wanted: Wanted): Promise<Receiver> {
    const { at, delivery } = await this.#deliveryOf(wanted);
    return { wanted, at, events: wanted.config.events, queue: new SinkQueue(delivery) };
  }

  async #deliveryOf(wanted: Wanted): Promise<{ readonly at: string; readonly delivery: Delivery }> {
    switch (wanted.kind) {
      case 'syslog': {
        const { config } = wanted;
        const delivery = config.transport === 'udp' ? new UdpSyslog(config) : new StreamSyslog(config);
        return { at: `${config.transport} ${config.address} ${config.port}`, delivery };
      }
      case 'webhook':
        // What comes behind the host is a secret often enough.
        return { at: new URL(wanted.config.url).origin, delivery: new WebhookDelivery(wanted.config, this.#life) };
      case 'snmp': {
        const { config } = wanted;
        const { SnmpDelivery } = await import('./snmp-delivery.ts');
        const { access, address, port, inform } = config;
        const engine = access.version === '3' && !inform ? `, engine 0x${engineIdOf(this.#chassis)}` : '';
        const delivery = new SnmpDelivery(config, this.#chassis, 0);
        return { at: `v${access.version} ${address} ${port}${engine}`, delivery };
      }
    }
  }
}

/** Has a queue end when nothing waits, or when waiting is in vain. */
function ended(queue: SinkQueue): Promise<void> {
  const giveUpAt = performance.now() + lastWordsMs;
  return new Promise((resolve) => {
    const look = (): void => {
      const { waiting, failing } = queue.counts();
      if (waiting > 0 && failing === null && performance.now() < giveUpAt) {
        setTimeout(look, 20);
        return;
      }
      queue.close();
      resolve();
    };
    look();
  });
}
