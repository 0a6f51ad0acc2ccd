import { z } from 'zod';
import { principalWays, roles } from '../access/role.ts';
import type { ForwardingAuditAnswer } from '../commands/audit-forwarding.ts';
import type { PathAnswer } from '../commands/check-path.ts';
import type { RestartAnswer } from '../commands/restart-session-manager.ts';
import type {
  CandidateAnswer,
  CheckAnswer,
  CommitAnswer,
  CompareAnswer,
  ConfigurationHistory,
  ConfigurationStatus,
  ConfigurationText,
} from '../configuration/answers.ts';
import type { SubscriberExplanation } from '../explain/explain-subscriber.ts';
import type { Health } from '../health.ts';
import type {
  AloneAnswer,
  AuditAnswer,
  ConfigurationAnswer,
  NackAnswer,
  ProbeFlagAnswer,
  SwitchoverAnswer,
  ValidationAnswer,
} from '../redundancy-commands.ts';
import type { AlarmHistoryData, AlarmsData } from '../views/alarms.ts';
import type { AuditData } from '../views/audit.ts';
import type { BulkstatsData } from '../views/bulkstats.ts';
import type { CgwServiceData } from '../views/cgw-service.ts';
import type { CrashListData } from '../views/crash-list.ts';
import type { EventCatalogueData } from '../views/event-catalogue.ts';
import type { EventsData } from '../views/events.ts';
import type { ExportsData } from '../views/exports.ts';
import type { ForwardingData } from '../views/forwarding.ts';
import type { HistoryData } from '../views/history.ts';
import type { LadderData } from '../views/ladder.ts';
import type { ManagementData } from '../views/management.ts';
import type { MonitorData } from '../views/monitor.ts';
import type { MrmeServiceData } from '../views/mrme-service.ts';
import type { NotificationsData } from '../views/notifications.ts';
import type { OverviewData } from '../views/overview.ts';
import type { RadiusAccountingData } from '../views/radius-accounting.ts';
import type { SamogServiceData } from '../views/samog-service.ts';
import type { SamogServiceStatistics } from '../views/samog-service-statistics.ts';
import type { SessionRecoveryStatusData } from '../views/session-recovery-status.ts';
import type { SocketsData } from '../views/sockets.ts';
import type { SoftgrePeersData } from '../views/softgre-peers.ts';
import type { SessmgrData } from '../views/srp/sessmgr-debug-info.ts';
import type { SrpAuditStatisticsData } from '../views/srp/srp-audit-statistics.ts';
import type { SrpCallLossStatisticsData } from '../views/srp/srp-call-loss-statistics.ts';
import type { SrpCheckpointInfoData } from '../views/srp/srp-checkpoint-info.ts';
import type { SrpCheckpointStatisticsData } from '../views/srp/srp-checkpoint-statistics.ts';
import type { SrpInfoData } from '../views/srp/srp-info.ts';
import type { SrpMicroCheckpointStatisticsData } from '../views/srp/srp-micro-checkpoint-statistics.ts';
import type { SrpMonitorData } from '../views/srp/srp-monitor.ts';
import type { SrpStatisticsData } from '../views/srp/srp-statistics.ts';
import type { SubscribersData } from '../views/subscribers.ts';
import type { TwanProfileData } from '../views/twan-profile.ts';
import { accepts } from './schemas/accepts.ts';
import * as chassis from './schemas/chassis.ts';
import * as checkpoints from './schemas/checkpoints.ts';
import * as configuration from './schemas/configuration.ts';
import * as happenings from './schemas/happenings.ts';
import * as overview from './schemas/overview.ts';
import * as pair from './schemas/pair.ts';
import * as commands from './schemas/pair-commands.ts';
import * as service from './schemas/service.ts';
import * as subscriber from './schemas/subscriber.ts';

const principal = z.strictObject({
  name: z.string(),
  roles: z.array(z.enum(roles)),
  via: z.enum(principalWays),
  from: z.string().nullable(),
});

/** What each operation answers, by its path: a schema that the compiler holds to the type of the data. */
export const answerSchemas: Readonly<Record<string, z.ZodType>> = {
  '/v1/health': accepts<Health & { readonly pid: number }>()(chassis.healthSchema.extend({ pid: z.number() })),
  '/v1/principal': principal,
  '/v1/session/ticket': z.strictObject({
    ticket: z.string().nullable().describe('Null on a chassis that is alone.'),
    lifeSeconds: z.number(),
  }),
  '/v1/show': z.strictObject({
    views: z.array(
      z.strictObject({ path: z.string(), summary: z.string(), options: z.array(z.record(z.string(), z.unknown())) }),
    ),
  }),
  '/v1/explain/subscriber': accepts<SubscriberExplanation>()(subscriber.subscriberExplanationSchema),
  '/v1/clear/subscribers': z.strictObject({ cleared: z.number() }),
  '/v1/export/cancel': accepts<ExportsData>()(happenings.exportsSchema),
  '/v1/alarms/acknowledge': accepts<AlarmsData>()(happenings.alarmsSchema),
  '/v1/path/check': accepts<PathAnswer>()(chassis.pathSchema),
  '/v1/audit/forwarding': accepts<ForwardingAuditAnswer>()(chassis.forwardingAuditSchema),
  '/v1/session-manager/restart': accepts<RestartAnswer>()(chassis.restartSchema),
  '/v1/srp/validate-configuration': accepts<ConfigurationAnswer>()(commands.configurationAnswerSchema),
  '/v1/srp/validate-switchover': accepts<ValidationAnswer>()(commands.validationAnswerSchema),
  '/v1/srp/initiate-switchover': accepts<SwitchoverAnswer>()(commands.switchoverAnswerSchema),
  '/v1/srp/initiate-audit': accepts<AuditAnswer>()(commands.auditAnswerSchema),
  '/v1/srp/reset-auth-probe-fail': accepts<ProbeFlagAnswer>()(commands.probeFlagAnswerSchema),
  '/v1/srp/serve-alone': accepts<AloneAnswer>()(commands.aloneAnswerSchema),
  '/v1/srp/nack': accepts<NackAnswer>()(commands.nackAnswerSchema),
  '/v1/show/overview': accepts<OverviewData>()(overview.overviewSchema),
  '/v1/show/history': accepts<HistoryData>()(overview.historySchema),
  '/v1/configuration': accepts<ConfigurationStatus>()(configuration.configurationStatusSchema),
  '/v1/configuration/history': accepts<ConfigurationHistory>()(configuration.configurationHistorySchema),
  '/v1/configuration/text': accepts<ConfigurationText>()(configuration.configurationTextSchema),
  '/v1/configuration/candidate': accepts<CandidateAnswer>()(configuration.candidateSchema),
  '/v1/configuration/refresh': accepts<CandidateAnswer>()(configuration.candidateSchema),
  '/v1/configuration/rollback': accepts<CandidateAnswer>()(configuration.candidateSchema),
  '/v1/configuration/compare': accepts<CompareAnswer>()(configuration.compareSchema),
  '/v1/configuration/check': accepts<CheckAnswer>()(configuration.checkSchema),
  '/v1/configuration/commit': accepts<CommitAnswer>()(configuration.commitSchema),
  '/v1/configuration/confirm': accepts<CommitAnswer>()(configuration.commitSchema),
  '/v1/configuration/cancel': accepts<CommitAnswer>()(configuration.commitSchema),
  '/v1/show/samog-service': accepts<SamogServiceData>()(service.samogServiceSchema),
  '/v1/show/samog-service/statistics': accepts<SamogServiceStatistics>()(service.samogServiceStatisticsSchema),
  '/v1/show/subscribers/samog-only': accepts<SubscribersData>()(subscriber.subscribersSchema),
  '/v1/show/twan-profile': accepts<TwanProfileData>()(service.twanProfileSchema),
  '/v1/show/cgw-service': accepts<CgwServiceData>()(service.cgwServiceSchema),
  '/v1/show/mrme-service': accepts<MrmeServiceData>()(service.mrmeServiceSchema),
  '/v1/show/radius/accounting': accepts<RadiusAccountingData>()(service.radiusAccountingSchema),
  '/v1/show/bulkstats': accepts<BulkstatsData>()(service.bulkstatsSchema),
  '/v1/show/sockets': accepts<SocketsData>()(chassis.socketsSchema),
  '/v1/show/forwarding': accepts<ForwardingData>()(chassis.forwardingSchema),
  '/v1/show/softgre/peers': accepts<SoftgrePeersData>()(chassis.softgrePeersSchema),
  '/v1/show/management': accepts<ManagementData>()(happenings.managementSchema),
  '/v1/show/exports': accepts<ExportsData>()(happenings.exportsSchema),
  '/v1/show/alarms': accepts<AlarmsData>()(happenings.alarmsSchema),
  '/v1/show/alarms/history': accepts<AlarmHistoryData>()(happenings.alarmHistorySchema),
  '/v1/show/notifications': accepts<NotificationsData>()(happenings.notificationsSchema),
  '/v1/show/events': accepts<EventsData>()(happenings.eventsSchema),
  '/v1/show/events/catalogue': accepts<EventCatalogueData>()(happenings.eventCatalogueSchema),
  '/v1/show/ladder': accepts<LadderData>()(happenings.ladderSchema),
  '/v1/show/monitor': accepts<MonitorData>()(happenings.monitorSchema),
  '/v1/show/audit': accepts<AuditData>()(happenings.auditSchema),
  '/v1/show/intercept/audit': accepts<AuditData>()(happenings.auditSchema),
  '/v1/show/crash/list': accepts<CrashListData>()(chassis.crashListSchema),
  '/v1/show/srp/info': accepts<SrpInfoData>()(pair.srpInfoSchema),
  '/v1/show/srp/statistics': accepts<SrpStatisticsData>()(pair.srpStatisticsSchema),
  '/v1/show/srp/checkpoint/info': accepts<SrpCheckpointInfoData>()(checkpoints.srpCheckpointInfoSchema),
  '/v1/show/srp/checkpoint/statistics': accepts<SrpCheckpointStatisticsData>()(
    checkpoints.srpCheckpointStatisticsSchema,
  ),
  '/v1/show/srp/micro-checkpoint/statistics': accepts<SrpMicroCheckpointStatisticsData>()(
    checkpoints.srpMicroCheckpointStatisticsSchema,
  ),
  '/v1/show/srp/monitor': accepts<SrpMonitorData>()(pair.srpMonitorSchema),
  '/v1/show/srp/audit-statistics': accepts<SrpAuditStatisticsData>()(pair.srpAuditStatisticsSchema),
  '/v1/show/srp/call-loss/statistics': accepts<SrpCallLossStatisticsData>()(pair.srpCallLossStatisticsSchema),
  '/v1/show/session/subsystem/facility/sessmgr': accepts<SessmgrData>()(checkpoints.sessmgrSchema),
  '/v1/show/session/recovery/status': accepts<SessionRecoveryStatusData>()(chassis.sessionRecoveryStatusSchema),
};
