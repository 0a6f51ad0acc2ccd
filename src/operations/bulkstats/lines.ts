import type { BulkstatsConfig } from '../config/operations-config.ts';
import type { Moment, ViewSource } from '../views/view.ts';
import { readFormat } from './format.ts';
import { bulkstatDate, bulkstatTime } from './variables.ts';

/** The lines of one file: one for each schema. */
export function bulkstatLines({ schemas }: BulkstatsConfig, source: ViewSource, at: Moment): string[] {
  return schemas.map(({ format }) => {
    const read = readFormat(format);
    if (!read.ok) throw new Error(`a format that was not checked: ${read.message}`);
    return read.parts.map((part) => (typeof part === 'string' ? part : part(source, at))).join('');
  });
}

/** `samog-1-20260301-110000.csv`: names in the order of time, and no other chassis's. */
export function bulkstatFileName(
  { config }: Pick<ViewSource, 'config'>,
  { wallClock }: Pick<Moment, 'wallClock'>,
): string {
  return `${config.chassis.name}-${bulkstatDate(wallClock)}-${bulkstatTime(wallClock)}.csv`;
}

/** Which of a folder's files are to go, oldest first, so that no more than so many of this chassis remain. */
export function outdatedFiles(names: readonly string[], chassisName: string, filesMax: number): string[] {
  const own = names.filter(
    (name) =>
      name.startsWith(`${chassisName}-`) && /-\d{8}-\d{6}\.csv$/.test(name) && name.length === chassisName.length + 20,
  );
  return own.sort().slice(0, Math.max(0, own.length - filesMax));
}
