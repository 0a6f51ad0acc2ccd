import { useState } from 'preact/hooks';
import type { SwitchoverAnswer, ValidationAnswer } from '../../operations/redundancy-commands.ts';
import { stateWords } from '../../operations/views/srp/words.ts';
import { post } from '../api.ts';
import { countText } from '../format.ts';
import { overview } from '../gateway-state.ts';
import { Conditions } from './conditions.tsx';
import { Dialog, TypedConfirmation } from './dialog.tsx';

/** How long the gateway may take until it is decided, and what its answer may take beyond that. */
const waitMs = 30_000;
const answerLimitMs = waitMs + 5000;

/** Hands the role to the peer: first what it depends on, then the name of the chassis typed, then what came of it. */
export function Switchover({ chassis }: { chassis: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="danger" onClick={() => setOpen(true)}>
        Switch over …
      </button>
      {open && <SwitchoverDialog chassis={chassis} close={() => setOpen(false)} />}
    </>
  );
}

function SwitchoverDialog({ chassis, close }: { chassis: string; close: () => void }) {
  const [validation, setValidation] = useState<ValidationAnswer>();
  const [force, setForce] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<SwitchoverAnswer>();
  const [problem, setProblem] = useState<string>();
  const sessions = overview.value?.sessions.current ?? 0;
  const validate = async () => {
    const answer = await post<ValidationAnswer>('/v1/srp/validate-switchover');
    if (answer.kind === 'data') setValidation(answer.data);
    else setProblem(answer.kind === 'refused' ? answer.refusal.what : 'The gateway does not answer.');
  };
  if (validation === undefined && problem === undefined) void validate();
  const begin = async () => {
    setBusy(true);
    const answer = await post<SwitchoverAnswer>('/v1/srp/initiate-switchover', { force, waitMs }, answerLimitMs);
    setBusy(false);
    if (answer.kind === 'data') setOutcome(answer.data);
    else
      setProblem(
        answer.kind === 'refused' ? `${answer.refusal.what}. ${answer.refusal.hint}.` : 'The gateway does not answer.',
      );
  };
  return (
    <Dialog title="Planned switchover" onClose={close}>
      {problem !== undefined && (
        <p class="note critical" role="alert">
          {problem}
        </p>
      )}
      {outcome !== undefined ? (
        <Outcome of={outcome} close={close} />
      ) : (
        <>
          <p>
            {chassis} hands its role and {countText(sessions)} sessions to its peer. Packets are held back meanwhile,
            for some hundredths of a second as a rule.
          </p>
          {validation !== undefined && <Conditions of={validation.conditions} />}
          {validation?.passed === false && (
            <label class="check">
              <input
                type="checkbox"
                checked={force}
                onChange={({ currentTarget }) => setForce(currentTarget.checked)}
              />
              Go on without what is not indispensable
            </label>
          )}
          <TypedConfirmation
            word={chassis}
            action="Switch over"
            busy={busy}
            onConfirm={() => void begin()}
            onCancel={close}
          />
        </>
      )}
    </Dialog>
  );
}

const outcomes: Readonly<Record<SwitchoverAnswer['outcome'], string>> = {
  completed: 'The peer has taken over',
  'came-back': 'The peer did not take over, and this chassis serves on',
  refused: 'The switchover was refused',
  'under-way': 'Not decided yet: the state above tells how it goes on',
};

function Outcome({ of: { outcome, tookMs, transitions, failed }, close }: { of: SwitchoverAnswer; close: () => void }) {
  return (
    <>
      <p role="status">
        <strong>{outcomes[outcome]}</strong>, after {countText(tookMs)} ms.
      </p>
      <ol>
        {transitions.map(({ from, to, reason, term }) => (
          <li key={`${from} ${to} ${term}`}>
            {stateWords[from]} → {stateWords[to]}: {reason}, term {term}
          </li>
        ))}
      </ol>
      <Conditions of={failed} />
      <div class="actions">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </>
  );
}
