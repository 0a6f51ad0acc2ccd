/** The thread that has the receivers: sockets, TLS, signatures and encryption are done here, whatever the main thread is busy with. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../kernel/unreachable.ts';
import type { EventThreshold } from '../../operations/catalogue/event-kind.ts';
import type { NotificationsConfig } from '../../operations/config/notifications-config.ts';
import { isWanted, type Notification } from '../../operations/notifications/notification.ts';
import type { SinkStatus } from '../../operations/notifications/notification-reader.ts';
import { SinkQueue } from './sink-queue.ts';
import { StreamSyslog, UdpSyslog } from './syslog-delivery.ts';
import type { FromNotificationThread, NotificationThreadData, ToNotificationThread } from './thread-messages.ts';
import { WebhookDelivery } from './webhook-delivery.ts';

invariant(parentPort !== null, 'the notification thread is started by Notifier');
const port = parentPort;
const { config, life } = workerData as NotificationThreadData;
const post = (message: FromNotificationThread): void => port.postMessage(message);

const statusIntervalMs = 1000;
/** When the gateway stops, so long what waits may still be told. */
const lastWordsMs = 1000;

interface Sink extends Pick<SinkStatus, 'name' | 'kind' | 'at'> {
  readonly events: EventThreshold;
  readonly queue: SinkQueue;
}

async function sinksOf({ syslog, webhooks, snmp }: NotificationsConfig): Promise<Sink[]> {
  const sinks: Sink[] = [
    ...syslog.map((each): Sink => {
      const { name, events, transport, address, port: at } = each;
      const delivery = transport === 'udp' ? new UdpSyslog(each) : new StreamSyslog(each);
      return { name, events, kind: 'syslog', at: `${transport} ${address} ${at}`, queue: new SinkQueue(delivery) };
    }),
    ...webhooks.map((each): Sink => {
      const { name, events, url } = each;
      // What comes behind the host is a secret often enough.
      return {
        name,
        events,
        kind: 'webhook',
        at: new URL(url).origin,
        queue: new SinkQueue(new WebhookDelivery(each, life)),
      };
    }),
  ];
  if (snmp.length === 0) return sinks;
  const { SnmpDelivery } = await import('./snmp-delivery.ts');
  return [
    ...sinks,
    ...snmp.map((each): Sink => {
      const { name, events, address, port: at, access } = each;
      const queue = new SinkQueue(new SnmpDelivery(each, 0));
      return { name, events, kind: 'snmp', at: `v${access.version} ${address} ${at}`, queue };
    }),
  ];
}

const sinks = await sinksOf(config);
const agent =
  config.agentx && new (await import('./agentx-agent.ts')).AgentxAgent(config.agentx, () => post({ kind: 'read' }));
agent?.start();

function tell(notification: Notification): void {
  for (const { events, queue } of sinks) {
    if (notification.kind === 'alarm' || isWanted(notification.name, events)) queue.push(notification);
  }
  post({ kind: 'taken' });
}

function tellStatus(): void {
  post({ kind: 'status', sinks: sinks.map(({ name, kind, at, queue }) => ({ name, kind, at, ...queue.counts() })) });
}

function stop(): void {
  clearInterval(timer);
  agent?.stop();
  const giveUpAt = performance.now() + lastWordsMs;
  const waiting = (): boolean =>
    sinks.some(({ queue }) => queue.counts().waiting > 0 && queue.counts().failing === null);
  const close = (): void => {
    if (waiting() && performance.now() < giveUpAt) {
      setTimeout(close, 20);
      return;
    }
    for (const { queue } of sinks) queue.close();
    port.close();
  };
  close();
}

const timer = setInterval(tellStatus, statusIntervalMs);
tellStatus();
port.on('message', (message: ToNotificationThread) => {
  if (message.kind === 'tell') tell(message.notification);
  else if (message.kind === 'values') agent?.answer(message.values);
  else stop();
});
