import type { Logger } from 'pino';
import type { Audit, AuditRecord } from '../../operations/audit/audit.ts';
import type { AuditConfig } from '../../operations/config/management-config.ts';
import { StartError } from '../start-error.ts';
import { AuditLog } from './audit-log.ts';

/** The audits of a gateway, which whoever opened them closes. */
export interface OpenedAudit extends Audit {
  close(): Promise<void>;
}

/**
 * Opens the audits: that of changes, which is also in the log, and that of interception, which is nowhere else.
 *
 * @throws StartError if a file cannot be written
 */
export async function openAudit(config: AuditConfig | undefined, log: Logger): Promise<OpenedAudit> {
  const told = (record: AuditRecord): void => log.info({ event: 'audit', ...record }, 'audit');
  const changes = config === undefined ? AuditLog.inMemory(told) : await opened(config, 'file', config.file, told);
  const { interceptFile } = config ?? {};
  const intercept =
    config === undefined || interceptFile === undefined
      ? undefined
      : await opened(config, 'intercept-file', interceptFile);
  return {
    changes,
    intercept,
    async close() {
      await changes.close();
      await intercept?.close();
    },
  };
}

async function opened(
  { octetsMax, filesMax }: AuditConfig,
  key: string,
  path: string,
  told?: (record: AuditRecord) => void,
): Promise<AuditLog> {
  try {
    return await AuditLog.open({ path, octetsMax, filesMax }, told);
  } catch (error) {
    const what = `cannot write to ${path}: ${error instanceof Error ? error.message : String(error)}`;
    const hint = 'name a file in a folder that the gateway may write to';
    throw new StartError([{ path: `management.audit.${key}`, what, hint }]);
  }
}
