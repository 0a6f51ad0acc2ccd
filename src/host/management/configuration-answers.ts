import type { Principal } from '../../operations/access/role.ts';
import { type ApiBody, apiBodies, noBody } from '../../operations/api/bodies.ts';
import type { ApiOperation } from '../../operations/api/operation.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import type { CandidateEdit } from '../../operations/configuration/candidate-edit.ts';
import { hiddenMark } from '../../operations/configuration/secrets.ts';
import { clip, integerArgument } from '../../operations/views/arguments.ts';
import { refuse } from '../../operations/views/view.ts';
import type { ConfigurationDesk } from '../configuration/configuration-desk.ts';
import { type Answered, type ApiRequest, done, type ServedOperation } from './answer.ts';

const noDesk = refuse('refused', 'this gateway was not started from a file', 'start it with "samog run --config FILE"');
const backMax = 1000;
const minuteMs = 60_000;

/** `/v1/configuration/…`. A gateway that has no file refuses it all. */
export function configurationAnswers(desk: ConfigurationDesk | undefined): ServedOperation[] {
  const served = <Body>(
    operation: ApiOperation,
    answer: (desk: ConfigurationDesk, request: ApiRequest<Body>) => Answered | Promise<Answered>,
    body: ApiBody<Body> = noBody as ApiBody<Body>,
    audited?: (body: Body) => unknown,
  ): ServedOperation => ({
    operation,
    body,
    answer: (request) => (desk === undefined ? noDesk : answer(desk, request as ApiRequest<Body>)),
    ...(audited === undefined ? {} : { audited: (of: unknown) => audited(of as Body) }),
  });
  const asked = (
    operation: ApiOperation,
    answer: (desk: ConfigurationDesk, who: string) => Answered | Promise<Answered>,
  ) => served(operation, (at, { principal }) => answer(at, whoOf(principal)));
  const {
    configurationStatus,
    configurationHistory,
    configurationText,
    candidate,
    editCandidate,
    rollbackCandidate,
    compareCandidate,
    commitCandidate,
  } = apiOperations;
  return [
    asked(configurationStatus, async (at) => done(await at.looked())),
    asked(configurationHistory, (at) => done(at.history())),
    served(configurationText, (at, { query }) => aged(query, (back) => at.text(back))),
    served(candidate, (at, { principal, query: { path = '', ...others } }) => {
      return unknownIn(others) ?? at.candidate(whoOf(principal), path);
    }),
    served(
      editCandidate,
      (at, { principal, body }) => at.edit(whoOf(principal), body),
      apiBodies.editCandidate,
      auditedEdit,
    ),
    asked(apiOperations.discardCandidate, (at, who) => at.discard(who)),
    asked(apiOperations.refreshCandidate, (at, who) => at.refresh(who)),
    served(
      rollbackCandidate,
      (at, { principal, body: { back } }) => at.rollBackTo(whoOf(principal), back),
      apiBodies.rollbackCandidate,
    ),
    served(compareCandidate, (at, { principal, query }) => aged(query, (back) => at.compare(whoOf(principal), back))),
    asked(apiOperations.checkCandidate, (at, who) => done(at.check(who))),
    served(
      commitCandidate,
      (desk, { principal, body: { confirmMinutes, at, ...options } }) =>
        desk.commit(whoOf(principal), {
          ...options,
          ...(at === undefined ? {} : { at }),
          ...(confirmMinutes === undefined ? {} : { confirmWithinMs: confirmMinutes * minuteMs }),
        }),
      apiBodies.commitCandidate,
    ),
    asked(apiOperations.confirmCommit, (at, who) => at.confirm(who)),
    asked(apiOperations.cancelCommit, (at, who) => at.cancel(who)),
  ];
}

function whoOf({ name }: Principal): string {
  return name;
}

function unknownIn(others: Readonly<Record<string, string>>): Answered | undefined {
  const unknown = Object.keys(others)[0];
  return unknown === undefined
    ? undefined
    : refuse('bad-argument', `"${clip(unknown)}" is not known here`, 'the reference of the API has what is');
}

function aged(query: Readonly<Record<string, string>>, answer: (back: number) => Answered): Answered {
  const { back: text = '0', ...others } = query;
  const back = integerArgument('back', text, 0, backMax);
  return unknownIn(others) ?? (back.ok ? answer(back.value) : back);
}

/** What an audit has of an edit: which setting, and never a value, which may be a secret. */
function auditedEdit(edit: CandidateEdit): unknown {
  if ('load' in edit) return { load: `${edit.load.length} characters` };
  return 'set' in edit ? { set: { path: edit.set.path, value: hiddenMark } } : edit;
}
