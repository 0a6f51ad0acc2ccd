import { useEffect, useRef, useState } from 'preact/hooks';
import { durationText } from '../../operations/views/format.ts';
import { countText } from '../format.ts';
import { subscriberLink } from '../place.ts';
import { windowOf } from '../row-window.ts';
import type { LoadedList } from '../subscriber-list.ts';
import { Scrolled } from './basics.tsx';

const rowHeight = 33;
/** From how many rows before the end on the next page is asked for. */
const nearEnd = 20;
/** Before the frame has been measured. */
const heightAtFirst = 700;

const headings = ['MAC', 'State', 'Access', 'Peer', 'Address', 'NAI', 'Moves', 'Age'];

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
      <Scrolled label="Subscribers" frame={frame} onScroll={setScrolled} isList>
        <table aria-rowcount={list.nextCursor === null ? list.dropped + list.rows.length + 1 : -1}>
          <thead>
            <tr>
              {headings.map((heading) => (
                <th key={heading} scope="col" class={heading === 'Moves' ? 'number' : undefined}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Gap height={before} />}
            {list.rows.slice(first, end).map((row, place) => {
              return (
                <tr key={row.mac} aria-rowindex={list.dropped + first + place + 2}>
                  <td>
                    <a href={subscriberLink(row.mac)}>{row.mac}</a>
                  </td>
                  <td>{row.state}</td>
                  <td>{row.accessType ?? '–'}</td>
                  <td>{row.accessPeer ?? '–'}</td>
                  <td>{row.address ?? '–'}</td>
                  <td class="long">{row.nai ?? '–'}</td>
                  <td class="number">{row.moves}</td>
                  <td>{row.ageSeconds === null ? '–' : durationText(row.ageSeconds)}</td>
                </tr>
              );
            })}
            {after > 0 && <Gap height={after} />}
          </tbody>
        </table>
      </Scrolled>
    </>
  );
}

/** The room of rows that are not drawn. */
function Gap({ height }: { height: number }) {
  return (
    <tr class="gap">
      <td colSpan={headings.length} style={{ height: `${height}px` }} />
    </tr>
  );
}
