import { useEffect, useRef, useState } from 'preact/hooks';
import type { SubscribersData } from '../../operations/views/subscribers.ts';
import { get } from '../api.ts';
import { countText } from '../format.ts';
import { Command, Empty } from '../parts/basics.tsx';
import { Exports } from '../parts/exports.tsx';
import { Columns, SubscriberTable } from '../parts/subscriber-table.tsx';
import { place, refine } from '../place.ts';
import { countOf, emptyList, extended, type LoadedList, pageSize } from '../subscriber-list.ts';
import { commandOf, typedFilter } from '../subscriber-query.ts';

const path = '/v1/show/subscribers/samog-only';
const refreshMs = 2000;
/** Pages that are asked for one after the other until enough is found: a rare one is looked for among many, without haste. */
const searchPagesMax = 4000;
const searchPauseMs = 20;
/** A filtered list that took more looking than this is not asked for again by itself. */
const refreshedMax = 500;

const accesses = [
  ['', 'all'],
  ['pmip', 'PMIPv6'],
  ['eogre', 'EoGRE'],
] as const;

/** All subscribers, a page at a time. */
export function SubscribersPage() {
  const { access = '', filter = '' } = place.value.query;
  const list = useSubscriberList(access, filter);
  const { count, isExact } = countOf(list.loaded, filter !== '');
  const asked = { ...(access === '' ? {} : { access }), ...(filter === '' ? {} : { filter }) };
  return (
    <>
      <FilterBar access={access} filter={filter} />
      <div class="row">
        <p role="status" class="count">
          {isExact ? '' : '≥ '}
          {countText(count)} {count === 1 ? 'subscriber' : 'subscribers'}
          {list.loaded.standbyRecords ? ', of the peer, as this standby holds them' : ''}
          {isExact ? '' : ` so far; looked at ${countText(list.loaded.searched)} of ${countText(list.loaded.total)}`}
        </p>
        <Command text={commandOf(access, filter)} />
      </div>
      <div class="row">
        <Columns />
        <Exports query={asked} />
      </div>
      {list.problem !== undefined && (
        <p class="note warning" role="alert">
          {list.problem}{' '}
          <button type="button" onClick={list.begin}>
            Begin again
          </button>
        </p>
      )}
      {list.loaded.rows.length === 0 && list.problem === undefined ? (
        list.busy ? (
          <Empty what={filter === '' ? 'Asking the gateway …' : 'Searching …'} />
        ) : (
          <Empty
            what={filter === '' ? 'There is no subscriber.' : 'No subscriber is like this.'}
            next={filter === '' ? 'They appear here as soon as one attaches.' : 'Change the filter.'}
          />
        )
      ) : (
        <SubscriberTable list={list.loaded} more={list.more} />
      )}
    </>
  );
}

function FilterBar({ access, filter }: { access: string; filter: string }) {
  const submit = (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('filter') as HTMLInputElement;
    refine(typedFilter(field.value));
  };
  return (
    <form class="filter" onSubmit={submit}>
      <fieldset class="choices" aria-label="Access type">
        {accesses.map(([value, text]) => (
          <button key={value} type="button" aria-pressed={value === access} onClick={() => refine({ access: value })}>
            {text}
          </button>
        ))}
      </fieldset>
      <label>
        Filter
        <input
          key={filter}
          name="filter"
          defaultValue={filter}
          placeholder="state=established peer=198.51.100.0/24"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <button type="submit">Apply</button>
      {filter !== '' && (
        <button type="button" onClick={() => refine({ filter: '' })}>
          Clear
        </button>
      )}
    </form>
  );
}

interface ListState {
  readonly loaded: LoadedList;
  readonly busy: boolean;
  readonly problem: string | undefined;
  /** Asks for the next page, if there is one. */
  more(): void;
  begin(): void;
}

/**
 * The list of what is asked for. As long as it is one page it is asked for again and again, so that who attaches appears; of a
 * longer one only the count is, for a cursor serves one page and the gateway keeps few of them.
 */
function useSubscriberList(access: string, filter: string): ListState {
  const [loaded, setLoaded] = useState<LoadedList>(emptyList);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(true);
  const [turn, setTurn] = useState(0);
  const asking = useRef(false);
  const list = useRef(emptyList);
  const query = { ...(access === '' ? {} : { access }), ...(filter === '' ? {} : { filter }) };
  const key = JSON.stringify([query, turn]);
  const current = useRef(key);
  current.current = key;

  const take = (next: LoadedList) => {
    list.current = next;
    setLoaded(next);
  };
  const load = async (cursor: string | null): Promise<void> => {
    if (asking.current) return;
    asking.current = true;
    setBusy(true);
    let from = cursor;
    const wanted = (cursor === null ? 0 : list.current.rows.length) + pageSize;
    for (let pages = 0; pages < searchPagesMax; pages += 1) {
      const answer = await get<SubscribersData>(path, {
        ...query,
        ...(filter === '' ? { limit: String(pageSize) } : {}),
        ...(from === null ? {} : { cursor: from }),
      });
      if (current.current !== key) break;
      if (answer.kind !== 'data') {
        if (answer.kind === 'refused') setProblem(`${answer.refusal.what}. ${answer.refusal.hint}.`);
        break;
      }
      setProblem(undefined);
      take(from === null ? extended(emptyList, answer.data) : extended(list.current, answer.data));
      from = answer.data.nextCursor;
      if (from === null || filter === '' || list.current.rows.length >= wanted) break;
      await new Promise((resolve) => setTimeout(resolve, searchPauseMs));
    }
    if (current.current !== key) return;
    asking.current = false;
    setBusy(false);
  };
  useEffect(() => {
    current.current = key;
    asking.current = false;
    take(emptyList);
    setProblem(undefined);
    void load(null);
    const timer = setInterval(async () => {
      if (document.hidden) return;
      const { nextCursor, searched } = list.current;
      if (nextCursor === null && searched <= refreshedMax) return void load(null);
      if (filter !== '') return;
      const answer = await get<SubscribersData>(path, { ...query, count: '' });
      if (answer.kind === 'data' && current.current === key) take({ ...list.current, total: answer.data.total });
    }, refreshMs);
    return () => {
      clearInterval(timer);
      // Whoever is still searching ends.
      current.current = '';
    };
  }, [key]);
  return {
    loaded,
    busy,
    problem,
    more: () => {
      if (list.current.nextCursor !== null) void load(list.current.nextCursor);
    },
    begin: () => setTurn((before) => before + 1),
  };
}
