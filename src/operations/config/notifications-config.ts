import type { SyslogFacility } from '../../wire/syslog/syslog.ts';
import type { AlarmSeverity } from '../alarms/alarm-catalogue.ts';
import type { EventThreshold } from '../catalogue/event-kind.ts';

/** Series of a metric: all of them, or those with some labels. */
export interface MetricSelector {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An entry of `thresholds`: a limit on a metric. */
export interface ThresholdConfig {
  readonly name: string;
  readonly selector: MetricSelector;
  /** On which side of the limit something is wrong. */
  readonly direction: 'above' | 'below';
  /** Of a counter: what it grows by in a second. */
  readonly limit: number;
  /** The alarm is over at this, and on the other side of it. */
  readonly clearAt: number;
  /** It has to be so for so long. */
  readonly forMs: number;
  readonly severity: AlarmSeverity;
}

/** `notifications`: who is told what happens, as it happens. */
export interface NotificationsConfig {
  readonly syslog: readonly SyslogSinkConfig[];
  readonly webhooks: readonly WebhookConfig[];
  readonly snmp: readonly SnmpSinkConfig[];
  /** The master agent that has values asked of the gateway; undefined where none has. */
  readonly agentx: { readonly address: string; readonly port: number } | undefined;
}

export interface SyslogSinkConfig {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Files in PEM; undefined files are the system's, or none. */
  readonly tls:
    | {
        readonly ca: string | undefined;
        /** What its certificate is for; undefined for its address. */
        readonly name: string | undefined;
        readonly certificate: string | undefined;
        readonly key: string | undefined;
      }
    | undefined;
  readonly facility: SyslogFacility;
  readonly events: EventThreshold;
}

export interface WebhookConfig {
  readonly name: string;
  readonly url: string;
  /** Signs what is sent; undefined leaves it unsigned. */
  readonly secret: string | undefined;
  /** A file in PEM; undefined for the system's. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  readonly events: EventThreshold;
}

export interface SnmpUser {
  readonly name: string;
  readonly authentication: { readonly protocol: string; readonly key: string } | undefined;
  /** Only with authentication. */
  readonly privacy: { readonly protocol: string; readonly key: string } | undefined;
}

export interface SnmpSinkConfig {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly access:
    | { readonly version: '2c'; readonly community: string }
    | { readonly version: '3'; readonly user: SnmpUser };
  /** Whether the receiver acknowledges. */
  readonly inform: boolean;
  readonly events: EventThreshold;
}
