import type { AccountingConfig } from '../../src/services/samog/config.ts';

/** As where the configuration has no section of accounting: no account of the gateway's own. */
export const noAccounting: AccountingConfig = {
  wlc: 'server',
  own: false,
  interimIntervalSeconds: undefined,
  idleTimeoutSeconds: 3600,
  holdDownMs: 5000,
  owedMax: 1000,
};
