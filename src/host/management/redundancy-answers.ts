import type { ApiOperation } from '../../operations/api/operation.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import { notConfigured } from '../../operations/views/srp/pair-of.ts';
import { refuse } from '../../operations/views/view.ts';
import {
  initiateAudit,
  initiateSwitchover,
  type ManagedRedundancy,
  resetAuthProbeFail,
  setNack,
  validateConfiguration,
  validateSwitchover,
} from '../redundancy-commands.ts';
import { type Answered, type ApiRequest, done, type ServedOperation } from './answer.ts';

const waitDefaultMs = 30_000;
const waitMaxMs = 300_000;

type OfPair = (redundancy: ManagedRedundancy, fields: ApiRequest['fields']) => Answered | Promise<Answered>;

/** `POST /v1/srp/COMMAND`: every command of the pair. A chassis that is alone refuses them all. */
export function redundancyAnswers(redundancy: ManagedRedundancy | undefined): ServedOperation[] {
  const served = (operation: ApiOperation, answer: OfPair, fields: readonly string[] = []): ServedOperation => ({
    operation,
    fields,
    ...(fields.length === 0 ? {} : { bodyHint: `send a JSON object with ${fields.join(' and ')}` }),
    answer: (request) => (redundancy === undefined ? notConfigured : answer(redundancy, request.fields)),
  });
  const { validateConfiguration: configuration, validateSwitchover: switchover } = apiOperations;
  return [
    served(configuration, async (pair) => done(await validateConfiguration(pair))),
    served(switchover, (pair) => done(validateSwitchover(pair))),
    served(apiOperations.initiateSwitchover, switchOver, ['force', 'waitMs']),
    served(
      apiOperations.initiateAudit,
      (pair, { mode }) => {
        if (mode === 'manual-with-sync') return initiateAudit(pair);
        return refuse('bad-argument', 'the mode of the audit is not known', 'send {"mode": "manual-with-sync"}');
      },
      ['mode'],
    ),
    served(apiOperations.resetAuthProbeFail, (pair) => done(resetAuthProbeFail(pair))),
    served(
      apiOperations.nack,
      (pair, { cmdId, enabled }) => {
        if (typeof cmdId === 'number' && Number.isInteger(cmdId) && typeof enabled === 'boolean') {
          return setNack(pair, cmdId, enabled);
        }
        return refuse('bad-argument', 'a CMD-ID and a switch are needed', 'send {"cmdId": 190, "enabled": false}');
      },
      ['cmdId', 'enabled'],
    ),
  ];
}

const switchOver: OfPair = async (pair, { force = false, waitMs = waitDefaultMs }) => {
  const isTime = typeof waitMs === 'number' && Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= waitMaxMs;
  if (typeof force === 'boolean' && isTime) return done(await initiateSwitchover(pair, { force, waitMs }));
  const hint = `send {"force": true|false, "waitMs": 0..${waitMaxMs}}, or nothing`;
  return refuse('bad-argument', 'force is true or false, and waitMs a number of milliseconds', hint);
};
