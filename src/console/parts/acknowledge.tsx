import { useState } from 'preact/hooks';
import { holdsRole, post } from '../api.ts';
import { Dialog } from './dialog.tsx';

/** Takes an alarm: whoever comes next sees that somebody is at it. */
export function Acknowledge({ number, done }: { number: number | null; done: () => void }) {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  if (number === null || !holdsRole('operate')) return <>nobody</>;
  const take = async (event: Event) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get('note') ?? '').trim();
    const answer = await post('/v1/alarms/acknowledge', { number, ...(note === '' ? {} : { note }) });
    if (answer.kind === 'data') setOpen(false);
    setProblem(answer.kind === 'data' ? undefined : answer.kind === 'refused' ? answer.refusal.what : 'No answer.');
    done();
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Acknowledge …
      </button>
      {open && (
        <Dialog title={`Acknowledge alarm ${number}`} onClose={() => setOpen(false)}>
          <form onSubmit={take}>
            <label>
              A note, such as the ticket
              <input name="note" maxLength={200} autocomplete="off" />
            </label>
            {problem !== undefined && (
              <p class="note critical" role="alert">
                {problem}
              </p>
            )}
            <div class="actions">
              <button type="button" onClick={() => setOpen(false)}>
                Cancel
              </button>
              <button type="submit" class="main">
                Acknowledge
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
