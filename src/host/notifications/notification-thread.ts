/** The thread that has the receivers: sockets, TLS, signatures and encryption are done here, whatever the main thread is busy with. */
import { isDeepStrictEqual } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../kernel/unreachable.ts';
import type { NotificationsConfig } from '../../operations/config/notifications-config.ts';
import type { Notification } from '../../operations/notifications/notification.ts';
import type { AgentxAgent } from './agentx-agent.ts';
import { Receivers } from './receivers.ts';
import type { FromNotificationThread, NotificationThreadData, ToNotificationThread } from './thread-messages.ts';

invariant(parentPort !== null, 'the notification thread is started by Notifier');
const port = parentPort;
const { config: first, chassis, life } = workerData as NotificationThreadData;
const post = (message: FromNotificationThread): void => port.postMessage(message);

const statusIntervalMs = 1000;

const receivers = new Receivers(chassis, life);
let master: NotificationsConfig['agentx'];
let agent: AgentxAgent | undefined;

async function take(config: NotificationsConfig, standing: readonly Notification[]): Promise<void> {
  await receivers.take(config, standing);
  if (!isDeepStrictEqual(config.agentx, master)) await takeMaster(config.agentx);
  tellStatus();
}

async function takeMaster(next: NotificationsConfig['agentx']): Promise<void> {
  agent?.stop();
  master = next;
  agent = next && new (await import('./agentx-agent.ts')).AgentxAgent(next, () => post({ kind: 'read' }));
  agent?.start();
}

function tellStatus(): void {
  post({ kind: 'status', sinks: receivers.status() });
}

/** One after the other: what is told while receivers are being replaced goes to the new ones. */
let turn = take(first, []);
const timer = setInterval(tellStatus, statusIntervalMs);

async function heard(message: ToNotificationThread): Promise<void> {
  switch (message.kind) {
    case 'tell':
      receivers.tell(message.notification);
      return post({ kind: 'taken' });
    case 'values':
      return agent?.answer(message.values);
    case 'take':
      return take(message.config, message.standing);
    case 'stop':
      clearInterval(timer);
      agent?.stop();
      await receivers.end();
      port.close();
  }
}

port.on('message', (message: ToNotificationThread) => {
  turn = turn.then(() => heard(message));
});
