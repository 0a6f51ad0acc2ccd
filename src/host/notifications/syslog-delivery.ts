import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, isIPv6, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import type { SyslogSinkConfig } from '../../operations/config/notifications-config.ts';
import type { Notification } from '../../operations/notifications/notification.ts';
import { encodeSyslog, frameSyslog, type SyslogSeverity } from '../../wire/syslog/syslog.ts';
import type { Delivery } from './sink-queue.ts';

/**
 * Names the structured data. The number is the one that RFC 5612 sets aside for examples: the project has none of its own, and
 * receivers go by the name.
 */
const elementId = 'samog@32473';

/** As RFC 5424 has them: an alarm that is over is worth a notice. */
function severityOf(notification: Notification): SyslogSeverity {
  if (notification.kind === 'event') return notification.severity === 'fatal' ? 'critical' : notification.severity;
  const { change, severity } = notification;
  return change === 'raised' || change === 'changed' ? severity : 'notice';
}

/** A notification as a syslog message. */
export function syslogOf(notification: Notification, facility: SyslogSinkConfig['facility']): Uint8Array {
  const { time, chassis } = notification;
  const common = {
    ...{ facility, severity: severityOf(notification), timestamp: time, hostName: hostname(), appName: 'samog' },
    ...{ processId: String(process.pid), elementId },
  };
  if (notification.kind === 'event') {
    const { name, mac, peer, party, text } = notification;
    const parameters = { chassis, event: name, mac: mac ?? undefined, peer: peer ?? undefined, party };
    return encodeSyslog({ ...common, messageId: name, parameters, text });
  }
  const { change, number, alarm, severity, about, meaning, acknowledged } = notification;
  const parameters = {
    ...{ chassis, alarm, number, change, severity },
    ...{ about: about ?? undefined, by: acknowledged?.by, note: acknowledged?.note ?? undefined },
  };
  const text = `alarm ${change}: ${alarm}${about === null ? '' : ` ${about}`}: ${meaning}`;
  return encodeSyslog({ ...common, messageId: `alarm-${change}`, parameters, text });
}

/** By UDP, a message a datagram (RFC 5426). Nobody answers: what is sent is taken for told. */
export class UdpSyslog implements Delivery {
  readonly #config: SyslogSinkConfig;
  readonly #socket: UdpSocket;

  constructor(config: SyslogSinkConfig) {
    this.#config = config;
    this.#socket = createSocket(isIPv6(config.address) ? 'udp6' : 'udp4');
    // Errors of one message come with its own callback.
    this.#socket.on('error', () => {});
  }

  deliver(notification: Notification): Promise<void> {
    const { facility, port, address } = this.#config;
    return new Promise((resolve, reject) => {
      this.#socket.send(syslogOf(notification, facility), port, address, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** By TCP or TLS, messages counted in octets (RFC 6587 section 3.4.1, RFC 5425). The connection is kept. */
export class StreamSyslog implements Delivery {
  readonly #config: SyslogSinkConfig;
  #socket: Socket | undefined;

  constructor(config: SyslogSinkConfig) {
    this.#config = config;
  }

  async deliver(notification: Notification): Promise<void> {
    const socket = this.#socket ?? (await this.#connect());
    const frame = frameSyslog(syslogOf(notification, this.#config.facility));
    await new Promise<void>((resolve, reject) => {
      // A connection that ends before the octets have left takes the callback with it.
      const ended = (): void => reject(new Error('the connection was closed'));
      socket.once('close', ended);
      socket.write(frame, (error) => {
        socket.off('close', ended);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = this.#open(() => {
        this.#socket = socket;
        resolve(socket);
      });
      socket.setKeepAlive(true, 30_000);
      socket.setTimeout(10_000, () => {
        if (this.#socket !== socket) socket.destroy(new Error('no connection within 10 s'));
      });
      socket.on('error', reject);
      // Whoever listens for syslog says nothing; what it says is let go.
      socket.resume();
      socket.once('end', () => socket.destroy());
      socket.once('close', () => {
        if (this.#socket === socket) this.#socket = undefined;
        reject(new Error('the connection was closed'));
      });
    });
  }

  #open(opened: () => void): Socket {
    const { address: host, port, transport, tls } = this.#config;
    if (transport !== 'tls') return connect({ host, port }, opened);
    // Read with each connection: certificates are replaced while the gateway runs.
    const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
    const [ca, cert, key] = [read(tls?.ca), read(tls?.certificate), read(tls?.key)];
    return connectTls(
      {
        ...{ host, port, minVersion: 'TLSv1.2' as const },
        ...(tls?.name === undefined ? {} : { servername: tls.name }),
        ...(ca && { ca }),
        ...(cert && { cert }),
        ...(key && { key }),
      },
      opened,
    );
  }
}
