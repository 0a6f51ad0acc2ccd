import { isIPv6 } from 'node:net';
import {
  AuthProtocols,
  createSession,
  createV3Session,
  ObjectType,
  PrivProtocols,
  SecurityLevel,
  type Session,
  type User,
  type Varbind,
  Version2c,
  Version3,
} from 'net-snmp';
import type { SnmpSinkConfig, SnmpUser } from '../../operations/config/notifications-config.ts';
import type { Notification } from '../../operations/notifications/notification.ts';
import { engineIdOf } from '../../operations/snmp/engine-id.ts';
import {
  type NotificationObjectName,
  notificationKinds,
  notificationObjects,
  type ObjectSyntax,
  samogOid,
} from '../../operations/snmp/mib.ts';
import { wallClock } from '../clock.ts';
import type { Delivery } from './sink-queue.ts';

const types: Readonly<Record<ObjectSyntax, number>> = {
  DisplayString: ObjectType['OctetString'],
  Gauge32: ObjectType['Gauge'],
  Unsigned32: ObjectType['Gauge'],
  Counter64: ObjectType['Counter64'],
  Severity: ObjectType['Integer'],
};

/** A DisplayString has at most 255 octets of ASCII (RFC 2579). */
function displayString(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 255);
}

type Values = Readonly<Partial<Record<NotificationObjectName, string | number>>>;

function valuesOf(notification: Notification): Values {
  const { chassis, time } = notification;
  if (notification.kind === 'event') {
    return { chassis, time, eventName: notification.name, eventText: notification.text };
  }
  const { number, alarm, severity, about, meaning, seeAlso, acknowledged } = notification;
  return {
    ...{ chassis, time, alarmNumber: number, alarmName: alarm, alarmSeverity: severity === 'critical' ? 1 : 2 },
    ...{
      alarmAbout: about ?? '',
      alarmMeaning: meaning,
      alarmSeeAlso: seeAlso,
      acknowledgedBy: acknowledged?.by ?? '',
    },
  };
}

/** The object identifier of a notification and what it carries, as SAMOG-MIB has them. */
export function trapOf(notification: Notification): { readonly oid: string; readonly varbinds: readonly Varbind[] } {
  const eventKind =
    notification.kind === 'event' && notification.name === 'chassis-transition' ? 'transition' : 'event';
  const { number, objects } = notificationKinds[notification.kind === 'alarm' ? notification.change : eventKind];
  const values = valuesOf(notification);
  const varbinds = objects.map((name): Varbind => {
    const object = notificationObjects[name];
    const value = values[name] ?? '';
    return {
      oid: `${samogOid}.2.${object.number}.0`,
      type: types[object.syntax],
      value: typeof value === 'string' ? displayString(value) : value,
    };
  });
  return { oid: `${samogOid}.0.${number}`, varbinds };
}

function userOf({ name, authentication, privacy }: SnmpUser): User {
  if (authentication === undefined) return { name, level: SecurityLevel['noAuthNoPriv'] };
  const known = { name, authProtocol: AuthProtocols[authentication.protocol]!, authKey: authentication.key };
  if (privacy === undefined) return { ...known, level: SecurityLevel['authNoPriv'] };
  const hidden = { privProtocol: PrivProtocols[privacy.protocol]!, privKey: privacy.key };
  return { ...known, ...hidden, level: SecurityLevel['authPriv'] };
}

/** 2020-01-01. Boots count seconds from there: they rise with each start, whatever was kept, and last until 2088. */
const bootsFrom = 1_577_836_800_000;
const boots = Math.floor((wallClock() - bootsFrom) / 1000);
const bootedAt = performance.now();

/**
 * Of a trap the sender's engine is the authoritative one (RFC 3414 section 1.5.1), and the receiver takes none that is outside its time
 * window (section 3.2, step 7). The library leaves boots and time at zero: they are put into the message before it is written.
 */
function tellEngineTime(session: Session): void {
  const send = session.send.bind(session);
  session.send = (request, noWait) => {
    const msgAuthoritativeEngineTime = Math.floor((performance.now() - bootedAt) / 1000);
    Object.assign(request.message.msgSecurityParameters ?? {}, {
      ...{ msgAuthoritativeEngineBoots: boots, msgAuthoritativeEngineTime },
    });
    send(request, noWait);
  };
}

/**
 * SNMP notifications: traps, which nobody acknowledges, or informs. Of informs by v3 the receiver's engine is the authoritative one, and it
 * is discovered; of traps by v3 it is the gateway's, which the receiver has to know.
 */
export class SnmpDelivery implements Delivery {
  readonly #config: SnmpSinkConfig;
  readonly #chassis: string;
  readonly #startedAt: number;
  #session: Session | undefined;

  /** @param startedAt of the gateway, by `performance.now()`: sysUpTime counts from there */
  constructor(config: SnmpSinkConfig, chassis: string, startedAt: number) {
    this.#config = config;
    this.#chassis = chassis;
    this.#startedAt = startedAt;
  }

  deliver(notification: Notification): Promise<void> {
    const { oid, varbinds } = trapOf(notification);
    const upTime = Math.floor((performance.now() - this.#startedAt) / 10) % 2 ** 32;
    return new Promise((resolve, reject) => {
      const session = this.#open(reject);
      const told = (error: Error | null): void => {
        if (error === null) return resolve();
        // An engine that has restarted is discovered anew.
        this.close();
        reject(error);
      };
      if (this.#config.inform) session.inform(oid, varbinds, { upTime }, told);
      else session.trap(oid, varbinds, { upTime }, told);
    });
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  /** Of informs the library makes one up, and nobody looks at it. */
  get #engine(): { readonly engineID?: string } {
    return this.#config.inform ? {} : { engineID: engineIdOf(this.#chassis) };
  }

  #open(failed: (error: Error) => void): Session {
    if (this.#session !== undefined) return this.#session;
    const { address, port, access, inform } = this.#config;
    const transport: 'udp4' | 'udp6' = isIPv6(address) ? 'udp6' : 'udp4';
    const common = { transport, trapPort: port, retries: 1, timeout: 3000 };
    const session =
      access.version === '2c'
        ? createSession(address, access.community, { ...common, version: Version2c })
        : createV3Session(address, userOf(access.user), { ...common, version: Version3, ...this.#engine });
    if (access.version === '3' && !inform) tellEngineTime(session);
    session.on('error', failed);
    this.#session = session;
    return session;
  }
}
