import { bulkstats } from './bulkstats.ts';
import { cgwService } from './cgw-service.ts';
import { crashList } from './crash-list.ts';
import { events } from './events.ts';
import { mrmeService } from './mrme-service.ts';
import { samogService } from './samog-service.ts';
import { samogServiceStatistics } from './samog-service-statistics.ts';
import { sockets } from './sockets.ts';
import { subscribers } from './subscribers.ts';
import { twanProfile } from './twan-profile.ts';
import type { View } from './view.ts';

/** Every `show` command. The command line and the management API are made of this list. */
export const views: readonly View[] = [
  samogService,
  samogServiceStatistics,
  subscribers,
  twanProfile,
  cgwService,
  mrmeService,
  bulkstats,
  sockets,
  events,
  crashList,
];

/** The view of a path of words joined by `/`. */
export function viewOf(path: string): View | undefined {
  return views.find(({ words }) => words.join('/') === path);
}
