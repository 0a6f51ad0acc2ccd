import { useEffect, useRef, useState } from 'preact/hooks';
import { durationText } from '../../operations/views/format.ts';
import { countText } from '../format.ts';
import { place, refine, subscriberLink } from '../place.ts';
import { windowOf } from '../row-window.ts';
import type { LoadedList } from '../subscriber-list.ts';
import { Scrolled } from './basics.tsx';

const rowHeight = 33;
/** From how many rows before the end on the next page is asked for. */
const nearEnd = 20;
/** Before the frame has been measured. */
const heightAtFirst = 700;

type Row = LoadedList['rows'][number];

/** All there are beside the MAC address, by what stands for them in the address of the page. */
const columns: readonly (readonly [name: string, title: string, of: (row: Row) => string | number | null])[] = [
  ['call', 'Call', ({ callId }) => callId],
  ['state', 'State', ({ state }) => state],
  ['access', 'Access', ({ accessType }) => accessType],
  ['peer', 'Peer', ({ accessPeer }) => accessPeer],
  ['address', 'Address', ({ address }) => address],
  ['nai', 'NAI', ({ nai }) => nai],
  ['moves', 'Moves', ({ moves }) => moves],
  ['age', 'Age', ({ ageSeconds }) => (ageSeconds === null ? null : durationText(ageSeconds))],
];
const usual = 'state,access,peer,address,nai,moves,age';
const classes: Readonly<Record<string, string>> = { nai: 'long', moves: 'number' };

function shownNames(): readonly string[] {
  return (place.value.query['columns'] ?? usual).split(',');
}

/** Which columns are to be seen. */
export function Columns() {
  const names = shownNames();
  const toggle = (toggled: string, isShown: boolean) => {
    const next = columns.map(([name]) => name).filter((name) => (name === toggled ? isShown : names.includes(name)));
    refine({ columns: next.join() === usual ? '' : next.join() || 'mac' });
  };
  return (
    <details class="columns">
      <summary>Columns</summary>
      {columns.map(([name, title]) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={names.includes(name)}
            onChange={({ currentTarget }) => toggle(name, currentTarget.checked)}
          />
          {title}
        </label>
      ))}
    </details>
  );
}

/** The rows that are in its window; the next page when its end comes near. */
export function SubscriberTable({ list, more }: { list: LoadedList; more: () => void }) {
  const frame = useRef<HTMLElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const [height, setHeight] = useState(heightAtFirst);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const names = shownNames();
  const shown = columns.filter(([name]) => names.includes(name));
  const { first, end, before, after } = windowOf(list.rows.length, rowHeight, scrolled, height);
  useEffect(() => {
    if (list.nextCursor !== null && end >= list.rows.length - nearEnd) more();
  }, [end, list.rows.length, list.nextCursor]);
  return (
    <>
      {list.dropped > 0 && (
        <p class="quiet">
          The first {countText(list.dropped)} rows have made room. Filter, or begin again, to see them.
        </p>
      )}
      <Scrolled label="Subscribers" frame={frame} onScroll={setScrolled} kind="list">
        <table aria-rowcount={list.nextCursor === null ? list.dropped + list.rows.length + 1 : -1}>
          <thead>
            <tr>
              <th scope="col">MAC</th>
              {shown.map(([name, title]) => (
                <th key={name} scope="col" class={classes[name]}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Gap height={before} span={shown.length + 1} />}
            {list.rows.slice(first, end).map((row, place) => {
              return (
                <tr key={row.mac} aria-rowindex={list.dropped + first + place + 2}>
                  <td>
                    <a href={subscriberLink(row.mac)}>{row.mac}</a>
                  </td>
                  {shown.map(([name, , of]) => (
                    <td key={name} class={classes[name]}>
                      {of(row) ?? '–'}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && <Gap height={after} span={shown.length + 1} />}
          </tbody>
        </table>
      </Scrolled>
    </>
  );
}

/** The room of rows that are not drawn. */
function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr class="gap">
      <td colSpan={span} style={{ height: `${height}px` }} />
    </tr>
  );
}
