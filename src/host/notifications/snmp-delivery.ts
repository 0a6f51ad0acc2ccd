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
import {
  type NotificationObjectName,
  notificationKinds,
  notificationObjects,
  type ObjectSyntax,
  samogOid,
} from '../../operations/snmp/mib.ts';
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

/**
 * SNMP notifications. By v2c they are traps, which nobody acknowledges, or informs; by v3 always informs: the receiver's engine is
 * then the authoritative one (RFC 3414 section 1.5.1), and nobody has to know the gateway's engine, nor its boots and time.
 */
export class SnmpDelivery implements Delivery {
  readonly #config: SnmpSinkConfig;
  readonly #startedAt: number;
  #session: Session | undefined;

  /** @param startedAt of the gateway, by `performance.now()`: sysUpTime counts from there */
  constructor(config: SnmpSinkConfig, startedAt: number) {
    this.#config = config;
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

  #open(failed: (error: Error) => void): Session {
    if (this.#session !== undefined) return this.#session;
    const { address, port, access } = this.#config;
    const transport: 'udp4' | 'udp6' = isIPv6(address) ? 'udp6' : 'udp4';
    const common = { transport, trapPort: port, retries: 1, timeout: 3000 };
    const session =
      access.version === '2c'
        ? createSession(address, access.community, { ...common, version: Version2c })
        : createV3Session(address, userOf(access.user), { ...common, version: Version3 });
    session.on('error', failed);
    this.#session = session;
    return session;
  }
}
