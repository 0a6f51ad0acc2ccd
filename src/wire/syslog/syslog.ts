import { utf8Encode } from '../bytes/text.ts';

/** RFC 5424 section 6.2.1, table 1: those that are meant for programs like this. */
export const syslogFacilities = {
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type SyslogFacility = keyof typeof syslogFacilities;

/** RFC 5424 section 6.2.1, table 2. */
export const syslogSeverity = { critical: 2, error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;
export type SyslogSeverity = keyof typeof syslogSeverity;

/** Parameters of one element of structured data; those that are undefined are left out. */
export type SyslogParameters = Readonly<Record<string, string | number | undefined>>;

export interface SyslogMessage {
  readonly facility: SyslogFacility;
  readonly severity: SyslogSeverity;
  /** RFC 3339 in UTC, such as `2026-03-01T11:00:00.000Z`. */
  readonly timestamp: string;
  readonly hostName: string;
  readonly appName: string;
  readonly processId: string;
  /** What kind of message it is. */
  readonly messageId: string;
  /** `name@number`, as section 7.2.2 has it for who has a number of their own. */
  readonly elementId: string;
  readonly parameters: SyslogParameters;
  readonly text: string;
}

/** PRINTUSASCII of at most so many octets; `-` is the NILVALUE (section 6). */
function header(value: string, most: number): string {
  return value.replace(/[^\x21-\x7e]/g, '_').slice(0, most) || '-';
}

/** SD-NAME: neither `=`, space, `]` nor `"` (section 6.3.2). */
function dataName(value: string): string {
  return header(value, 32).replace(/[="\]]/g, '_');
}

/** PARAM-VALUE: `"`, `\` and `]` are escaped (section 6.3.3). */
function dataValue(value: string | number): string {
  return String(value).replace(/["\\\]]/g, '\\$&');
}

/** One message as RFC 5424 section 6 has it. The text has no line breaks afterwards, whatever the transport. */
export function encodeSyslog(message: SyslogMessage): Uint8Array {
  const { facility, severity, timestamp, hostName, appName, processId, messageId, elementId, parameters, text } =
    message;
  const priority = syslogFacilities[facility] * 8 + syslogSeverity[severity];
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${dataName(name)}="${dataValue(value)}"`],
  );
  const head = [
    `<${priority}>1`,
    header(timestamp, 32),
    header(hostName, 255),
    header(appName, 48),
    header(processId, 128),
    header(messageId, 32),
    `[${dataName(elementId)}${pairs.join('')}]`,
  ].join(' ');
  return utf8Encode(`${head} ${text.replace(/\p{Cc}+/gu, ' ')}`);
}

/** A message in a stream of octets, by octet counting: MSG-LEN SP SYSLOG-MSG (RFC 6587 section 3.4.1, RFC 5425 section 4.3). */
export function frameSyslog(message: Uint8Array): Uint8Array {
  const length = utf8Encode(`${message.length} `);
  const frame = new Uint8Array(length.length + message.length);
  frame.set(length);
  frame.set(message, length.length);
  return frame;
}
