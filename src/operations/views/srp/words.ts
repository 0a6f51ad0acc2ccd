import type { ChassisMode, ChassisState, StoreRole } from '../../../wire/srp/names.ts';
import { fieldLines } from '../format.ts';

/** States as operators of such chassis know them. */
export const stateWords: Readonly<Record<ChassisState, string>> = {
  INIT: 'Init',
  PENDING_STANDBY: 'Pending-Standby',
  STANDBY: 'Standby',
  PENDING_ACTIVE: 'Pending-Active',
  ACTIVE: 'Active',
};

export const modeWords: Readonly<Record<ChassisMode, string>> = { primary: 'Primary', backup: 'Backup' };

/** What a chassis was in the last service that its call recovery store follows. */
export const storeWords: Readonly<Record<StoreRole, string>> = {
  alone: 'serving alone',
  active: 'serving beside a READY standby',
  standby: 'as standby',
};

/** Fields as `show srp info` has them: labels from the first column, values from the 37th. */
export function srpLines(fields: readonly (readonly [string, string | number | null])[]): string[] {
  return fieldLines(fields, 0, 37);
}

/** `Sat Nov 21 22:00:01 2026 (2 seconds ago)`, in UTC; `None` where there is no time. */
export function srpTime(time: string | null, seconds: number | null): string {
  if (time === null) return 'None';
  const [day, date, month, year, clock] = new Date(time).toUTCString().replace(',', '').split(' ');
  const ago = seconds === null ? '' : ` (${seconds} ${seconds === 1 ? 'second' : 'seconds'} ago)`;
  return `${day} ${month} ${date} ${clock} ${year}${ago}`;
}

/** `Yes` or `No`, as the fields of `show srp` have them. */
export function yesNo(value: boolean): string {
  return value ? 'Yes' : 'No';
}

export const ruler = '-'.repeat(79);
