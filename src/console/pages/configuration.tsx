import { useState } from 'preact/hooks';
import type {
  CandidateAnswer,
  CheckAnswer,
  CommitAnswer,
  ConfigurationHistory,
  ConfigurationStatus,
} from '../../operations/configuration/answers.ts';
import { durationText } from '../../operations/views/format.ts';
import type { SrpInfoData } from '../../operations/views/srp/srp-info.ts';
import { type Answer, get, holdsRole, post, remove } from '../api.ts';
import { timeText } from '../format.ts';
import { Badge, Panel, Problem } from '../parts/basics.tsx';
import { Changes, Problems, Restart, Versions } from '../parts/configuration-parts.tsx';
import { usePolled } from '../poll.ts';

const intervalMs = 2000;
const slowMs = 10_000;
/** Until a commit goes back by itself. */
const confirmMinutesUsual = '10';

/** What is in force, what is being prepared, and the way from the one to the other. */
export function ConfigurationPage() {
  const status = usePolled<ConfigurationStatus>('/v1/configuration', {}, intervalMs);
  const mayChange = holdsRole('configure');
  return (
    <>
      <Problem of={status} />
      {status.data !== undefined && <Status of={status.data} mayChange={mayChange} refresh={status.refresh} />}
      <SameOnBoth />
      {mayChange && status.data !== undefined && (
        <Candidate key={status.data.version.number} refresh={status.refresh} />
      )}
      {!mayChange && (
        <p class="note">
          To read a configuration, and to change it, takes the role <code>configure</code>.
        </p>
      )}
      {status.data !== undefined && <History mayChange={mayChange} />}
    </>
  );
}

function Status({
  of: status,
  mayChange,
  refresh,
}: {
  of: ConfigurationStatus;
  mayChange: boolean;
  refresh: () => void;
}) {
  const { version, unconfirmed, rolledBack, awaitsRestart, isEditedBeside, candidates, file } = status;
  const settle = async (what: 'confirm' | 'cancel') => {
    await post(`/v1/configuration/${what}`);
    refresh();
  };
  return (
    <Panel title="In force">
      <p>
        Number <b>{version.number}</b> of <code>{file}</code>, {version.kind} {timeText(version.at)}
        {version.who === null ? '' : ` by ${version.who}`}
        {version.comment === null ? '' : `: ${version.comment}`}
      </p>
      {unconfirmed !== null && (
        <div class="note warning" role="alert">
          <p>
            A commit of {unconfirmed.who} goes back by itself in <b>{durationText(unconfirmed.secondsLeft)}</b> unless
            it is confirmed.
          </p>
          {mayChange && (
            <div class="actions">
              <button type="button" class="main" onClick={() => void settle('confirm')}>
                Confirm it
              </button>
              <button type="button" class="danger" onClick={() => void settle('cancel')}>
                Take it back now
              </button>
            </div>
          )}
        </div>
      )}
      {rolledBack !== null && (
        <p class="note">
          A commit of {rolledBack.who} went back at {timeText(rolledBack.at)}, because: {rolledBack.because}
        </p>
      )}
      {isEditedBeside && <p class="note warning">The file was changed beside the gateway, which has not taken that.</p>}
      {awaitsRestart.length > 0 && <p class="note warning">Waits for a restart: {awaitsRestart.join(', ')}</p>}
      {candidates.length > 0 && (
        <p class="quiet">
          Candidates of:{' '}
          {candidates
            .map(({ who, at, isOutdated }) => `${who} (${timeText(at)}${isOutdated ? ', outdated' : ''})`)
            .join(', ')}
        </p>
      )}
    </Panel>
  );
}

function SameOnBoth() {
  const pair = usePolled<SrpInfoData>('/v1/show/srp/info', {}, slowMs);
  if (pair.data === undefined) return null;
  const { status, differences } = pair.data.configuration;
  return (
    <Panel title="The same on both chassis?">
      <Badge verdict={status === 'equal' ? 'good' : 'warning'}>{status}</Badge>
      {differences.map((line) => (
        <p key={line}>
          <code>{line}</code>
        </p>
      ))}
    </Panel>
  );
}

/** Why something was not done, in words; undefined if it was. */
function complaintOf(answer: Answer<unknown>): string | undefined {
  if (answer.kind === 'data') return undefined;
  return answer.kind === 'refused' ? `${answer.refusal.what}. ${answer.refusal.hint}.` : 'The gateway does not answer.';
}

/** One's own candidate: as the gateway has it, as it has been typed since, and what can be done with it. */
function useCandidate(refresh: () => void) {
  const [candidate, setCandidate] = useState<CandidateAnswer>();
  const [typed, setTyped] = useState<string>();
  const [check, setCheck] = useState<CheckAnswer | CommitAnswer>();
  const [complaint, setComplaint] = useState<string>();
  const [busy, setBusy] = useState(false);
  const taken = (answer: Answer<CandidateAnswer>) => {
    setComplaint(complaintOf(answer));
    if (answer.kind !== 'data') return false;
    setCandidate(answer.data);
    setTyped(undefined);
    return true;
  };
  const told = (answer: Answer<CheckAnswer | CommitAnswer>) => {
    setComplaint(complaintOf(answer));
    if (answer.kind === 'data') setCheck(answer.data);
  };
  const work = (what: () => Promise<unknown>) => async () => {
    setBusy(true);
    await what();
    setBusy(false);
  };
  const read = async () => taken(await get<CandidateAnswer>('/v1/configuration/candidate'));
  const store = async () => {
    if (typed === undefined) return true;
    return taken(await post<CandidateAnswer>('/v1/configuration/candidate', { load: typed }));
  };
  return {
    ...{ candidate, typed, check, complaint, busy, type: setTyped },
    read: work(read),
    update: work(async () => taken(await post<CandidateAnswer>('/v1/configuration/refresh'))),
    examine: work(async () => {
      if (await store()) told(await get<CheckAnswer>('/v1/configuration/check'));
    }),
    commit: (fields: FormData) =>
      work(async () => {
        const minutes = Number(fields.get('minutes') ?? 0);
        const comment = String(fields.get('comment') ?? '').trim();
        if (!(await store())) return;
        told(
          await post<CommitAnswer>('/v1/configuration/commit', {
            ...(comment === '' ? {} : { comment }),
            ...(minutes > 0 ? { confirmMinutes: minutes } : {}),
            atRestart: fields.get('restart') !== null,
          }),
        );
        refresh();
      })(),
    discard: work(async () => {
      await remove('/v1/configuration/candidate');
      setCandidate(undefined);
      setTyped(undefined);
      setCheck(undefined);
      await read();
      refresh();
    }),
  };
}

/** One's own candidate as a text to edit: stored, checked and compared in the gateway, and put in force from here. */
function Candidate({ refresh }: { refresh: () => void }) {
  const { candidate, typed, check, complaint, busy, ...actions } = useCandidate(refresh);
  if (candidate === undefined && typed === undefined) {
    return (
      <Panel title="Your candidate">
        {complaint !== undefined && <p class="note warning">{complaint}</p>}
        <button type="button" onClick={() => void actions.read()}>
          Edit
        </button>
      </Panel>
    );
  }
  const commit = (event: Event) => {
    event.preventDefault();
    void actions.commit(new FormData(event.currentTarget as HTMLFormElement));
  };
  return (
    <Panel title="Your candidate" wide>
      {candidate?.isOutdated === true && (
        <p class="note warning">
          Somebody else has committed since it was begun.{' '}
          <button type="button" onClick={() => void actions.update()}>
            Bring it up to that
          </button>
        </p>
      )}
      <label>
        The whole configuration; <code>(hidden)</code> stands for a secret as it is
        <textarea
          rows={24}
          spellcheck={false}
          value={typed ?? candidate?.text ?? ''}
          onInput={({ currentTarget }) => actions.type(currentTarget.value)}
        />
      </label>
      {complaint !== undefined && (
        <p class="note critical" role="alert">
          {complaint}
        </p>
      )}
      <div class="actions">
        <button type="button" disabled={busy} onClick={() => void actions.examine()}>
          Check and compare
        </button>
        <button type="button" class="danger" disabled={busy} onClick={() => void actions.discard()}>
          Discard
        </button>
      </div>
      {check !== undefined && <Checked of={check} />}
      <form class="filter" onSubmit={commit}>
        <label>
          Comment
          <input name="comment" maxLength={200} autocomplete="off" />
        </label>
        <label>
          Minutes to confirm in; 0 for at once
          <input name="minutes" type="number" min={0} max={1440} defaultValue={confirmMinutesUsual} />
        </label>
        <label class="check">
          <input name="restart" type="checkbox" /> What cannot be taken now may wait for a restart
        </label>
        <button type="submit" class="main" disabled={busy}>
          {busy ? 'Asking …' : 'Commit'}
        </button>
      </form>
    </Panel>
  );
}

const outcomes: Readonly<Record<CommitAnswer['outcome'], string>> = {
  committed: 'It is in force.',
  scheduled: 'It is put in force when its time has come, unless it is cancelled.',
  'awaits-confirmation': 'It is in force, and goes back by itself unless it is confirmed.',
  confirmed: 'It is confirmed.',
  unchanged: 'There is nothing to do.',
  invalid: 'Nothing has changed: it has problems.',
  'needs-restart': 'Nothing has changed: some of it needs a restart.',
};

function Checked({ of: check }: { of: CheckAnswer | CommitAnswer }) {
  return (
    <div role="status">
      {'outcome' in check && (
        <p>
          <b>{outcomes[check.outcome]}</b>
          {check.isOfPair ? ' The peer has to have the same, and does not get it by itself.' : ''}
        </p>
      )}
      <Problems of={check.problems} />
      <Restart of={check.atRestart} />
      <Changes of={check.changes} none="It changes nothing." />
    </div>
  );
}

function History({ mayChange }: { mayChange: boolean }) {
  const history = usePolled<ConfigurationHistory>('/v1/configuration/history', {}, slowMs);
  const [loaded, setLoaded] = useState<string>();
  const load = async (back: number, number: number) => {
    const answer = await post<CandidateAnswer>('/v1/configuration/rollback', { back });
    setLoaded(complaintOf(answer) ?? `Number ${number} is your candidate now: edit it, check it, commit it.`);
  };
  return (
    <Panel title="What was in force" wide>
      <Problem of={history} />
      {loaded !== undefined && (
        <p class="note" role="status">
          {loaded}
        </p>
      )}
      {history.data !== undefined && (
        <Versions
          of={history.data.versions}
          load={mayChange ? ({ back, number }) => void load(back, number) : undefined}
        />
      )}
    </Panel>
  );
}
