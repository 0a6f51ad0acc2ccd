import type { ExportsData } from '../../operations/views/exports.ts';
import { holdsRole, post, principal } from '../api.ts';
import { countText, shareText } from '../format.ts';
import { usePolled } from '../poll.ts';

const intervalMs = 2000;
const formats = [
  ['csv', 'CSV'],
  ['jsonl', 'JSON lines'],
] as const;
/** How long one that is over is told of, in seconds. */
const toldSeconds = 60;

/** Takes what is looked at away as a file, which the browser saves while the gateway makes it; and tells how far each export is. */
export function Exports({ query }: { query: Readonly<Record<string, string>> }) {
  const { data, refresh } = usePolled<ExportsData>('/v1/show/exports', {}, intervalMs);
  const cancel = async (number: number) => {
    await post('/v1/export/cancel', { number });
    refresh();
  };
  const told = data?.exports.filter(
    ({ state, ageSeconds, seconds }) => state === 'running' || (ageSeconds ?? 0) - seconds < toldSeconds,
  );
  return (
    <div class="exports">
      {principal.value?.via === 'token' ? (
        <span class="quiet">To save as a file, log in by password.</span>
      ) : (
        <>
          Save as{' '}
          {formats.map(([format, text]) => (
            <a
              key={format}
              class="button"
              download
              href={`/v1/export/subscribers?${new URLSearchParams({ ...query, format })}`}
              onClick={() => setTimeout(refresh, 500)}
            >
              {text}
            </a>
          ))}
        </>
      )}
      {told?.map(({ number, who, state, looked, total, rows }) => (
        <p key={number} role="status">
          Export {number} of {who}: {state === 'running' ? shareText(looked, total) : state}, {countText(rows)} rows{' '}
          {state === 'running' && holdsRole('operate') && (
            <button type="button" onClick={() => void cancel(number)}>
              Cancel it
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
