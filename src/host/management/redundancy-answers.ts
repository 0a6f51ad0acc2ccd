import { type ApiBody, apiBodies, noBody } from '../../operations/api/bodies.ts';
import type { ApiOperation } from '../../operations/api/operation.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import { notConfigured } from '../../operations/views/srp/pair-of.ts';
import {
  initiateAudit,
  initiateSwitchover,
  type ManagedRedundancy,
  resetAuthProbeFail,
  serveAlone,
  setNack,
  validateConfiguration,
  validateSwitchover,
} from '../redundancy-commands.ts';
import { type Answered, done, type ServedOperation, withBody } from './answer.ts';

/** `POST /v1/srp/COMMAND`: every command of the pair. A chassis that is alone refuses them all. */
export function redundancyAnswers(redundancy: ManagedRedundancy | undefined): ServedOperation[] {
  const served = <Body>(
    operation: ApiOperation,
    body: ApiBody<Body>,
    answer: (pair: ManagedRedundancy, body: Body) => Answered | Promise<Answered>,
  ): ServedOperation =>
    withBody(operation, body, (request) =>
      redundancy === undefined ? notConfigured : answer(redundancy, request.body),
    );
  const { validateConfiguration: configuration, validateSwitchover: switchover } = apiOperations;
  return [
    served(configuration, noBody, async (pair) => done(await validateConfiguration(pair))),
    served(switchover, noBody, (pair) => done(validateSwitchover(pair))),
    served(apiOperations.initiateSwitchover, apiBodies.initiateSwitchover, async (pair, how) =>
      done(await initiateSwitchover(pair, how)),
    ),
    served(apiOperations.initiateAudit, apiBodies.initiateAudit, (pair) => initiateAudit(pair)),
    served(apiOperations.resetAuthProbeFail, noBody, (pair) => done(resetAuthProbeFail(pair))),
    served(apiOperations.serveAlone, noBody, (pair) => serveAlone(pair)),
    served(apiOperations.nack, apiBodies.nack, (pair, { cmdId, enabled }) => setNack(pair, cmdId, enabled)),
  ];
}
