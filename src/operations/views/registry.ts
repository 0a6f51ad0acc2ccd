import { alarmHistory, alarms } from './alarms.ts';
import { audit, interceptAudit } from './audit.ts';
import { bulkstats } from './bulkstats.ts';
import { cgwService } from './cgw-service.ts';
import { crashList } from './crash-list.ts';
import { eventCatalogue } from './event-catalogue.ts';
import { events } from './events.ts';
import { exports } from './exports.ts';
import { forwarding } from './forwarding.ts';
import { history } from './history.ts';
import { ladder } from './ladder.ts';
import { management } from './management.ts';
import { monitor } from './monitor.ts';
import { mrmeService } from './mrme-service.ts';
import { notifications } from './notifications.ts';
import { overview } from './overview.ts';
import { radiusAccounting } from './radius-accounting.ts';
import { samogService } from './samog-service.ts';
import { samogServiceStatistics } from './samog-service-statistics.ts';
import { sessionRecoveryStatus } from './session-recovery-status.ts';
import { sockets } from './sockets.ts';
import { softgrePeers } from './softgre-peers.ts';
import { sessmgr } from './srp/sessmgr-debug-info.ts';
import { srpAuditStatistics } from './srp/srp-audit-statistics.ts';
import { srpCallLossStatistics } from './srp/srp-call-loss-statistics.ts';
import { srpCheckpointInfo } from './srp/srp-checkpoint-info.ts';
import { srpCheckpointStatistics } from './srp/srp-checkpoint-statistics.ts';
import { srpInfo } from './srp/srp-info.ts';
import { srpMicroCheckpointStatistics } from './srp/srp-micro-checkpoint-statistics.ts';
import { srpMonitor } from './srp/srp-monitor.ts';
import { srpStatistics } from './srp/srp-statistics.ts';
import { subscribers } from './subscribers.ts';
import { twanProfile } from './twan-profile.ts';
import type { View } from './view.ts';

/** Every `show` command. The command line and the management API are made of this list. */
export const views: readonly View[] = [
  overview,
  history,
  samogService,
  samogServiceStatistics,
  subscribers,
  twanProfile,
  cgwService,
  mrmeService,
  radiusAccounting,
  bulkstats,
  sockets,
  forwarding,
  softgrePeers,
  management,
  exports,
  alarms,
  alarmHistory,
  notifications,
  events,
  eventCatalogue,
  ladder,
  monitor,
  audit,
  crashList,
  srpInfo,
  srpStatistics,
  srpCheckpointInfo,
  srpCheckpointStatistics,
  srpMicroCheckpointStatistics,
  srpMonitor,
  srpAuditStatistics,
  srpCallLossStatistics,
  sessmgr,
  sessionRecoveryStatus,
  interceptAudit,
];

/** The view of a path of words joined by `/`. */
export function viewOf(path: string): View | undefined {
  return views.find(({ words }) => words.join('/') === path);
}
