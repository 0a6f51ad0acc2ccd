import type { SinkStatus } from '../notifications/notification-reader.ts';
import { durationText, tableLines } from './format.ts';
import { shown, type View } from './view.ts';

export interface NotificationsData {
  readonly receivers: readonly (Omit<SinkStatus, 'failingMs'> & { readonly failingSeconds: number | null })[];
  /** Events that nobody was told of, because there were too many. */
  readonly suppressed: number;
}

/** Who is told of alarms and events, and whether they are. */
export const notifications: View<NotificationsData> = {
  words: ['notifications'],
  summary: 'who is told of alarms and events, and whether they are',
  role: 'view',
  options: [],
  build: ({ notifications: reader }) =>
    shown({
      receivers: (reader?.sinks() ?? []).map(({ failingMs, ...sink }) => ({
        ...sink,
        failingSeconds: failingMs === null ? null : Math.floor(failingMs / 1000),
      })),
      suppressed: reader?.suppressed ?? 0,
    }),
  render: ({ receivers, suppressed }) => [
    ...(receivers.length === 0
      ? []
      : tableLines(
          ['Receiver', 'Kind', 'At', 'Sent', 'Failed', 'Dropped', 'Waiting', 'Trouble'],
          receivers.map(({ name, kind, at, sent, failed, dropped, waiting, failing, failingSeconds }) => {
            const trouble = failing === null ? null : `${failing} (for ${durationText(failingSeconds ?? 0)})`;
            return [name, kind, at, sent, failed, dropped, waiting, trouble];
          }),
        )),
    `Receivers: ${receivers.length}, events suppressed: ${suppressed}`,
  ],
};
