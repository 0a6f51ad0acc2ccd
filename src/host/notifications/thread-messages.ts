import type { NotificationsConfig } from '../../operations/config/notifications-config.ts';
import type { Notification } from '../../operations/notifications/notification.ts';
import type { SinkStatus } from '../../operations/notifications/notification-reader.ts';

export interface NotificationThreadData {
  readonly config: NotificationsConfig;
  readonly chassis: string;
  /** Tells this life of the gateway from the others. */
  readonly life: string;
}

export type ToNotificationThread =
  | { readonly kind: 'tell'; readonly notification: Notification }
  /** What was asked for by `read`, in the order of `scalars`. */
  | { readonly kind: 'values'; readonly values: readonly (string | number)[] }
  /** Other receivers from now on; what stands is told to those that are new. */
  | { readonly kind: 'take'; readonly config: NotificationsConfig; readonly standing: readonly Notification[] }
  | { readonly kind: 'stop' };

export type FromNotificationThread =
  /** One more was taken; it waits for its receivers. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'status'; readonly sinks: readonly SinkStatus[] }
  | { readonly kind: 'read' };
