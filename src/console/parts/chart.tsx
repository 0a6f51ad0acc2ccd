import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { rateText, timeText } from '../format.ts';
import { overview } from '../gateway-state.ts';

export interface ChartLine {
  readonly label: string;
  readonly values: readonly number[];
}

/** One of these for each line, by their order. Their names are those of the style sheet. */
const colours = ['--line-1', '--line-2', '--line-3'];
const dashes: readonly (number[] | undefined)[] = [undefined, [6, 3], [2, 3]];
const height = 110;

/** The browser's choice of light or dark, and a number that changes with it. */
const darkness = matchMedia('(prefers-color-scheme: dark)');

/**
 * Lines over time. Charts have one cursor together; what they show is told in words, and as a table for whoever wants
 * numbers.
 */
export function Chart({
  title,
  unit,
  times,
  lines,
}: {
  title: string;
  unit: string;
  times: readonly (string | null)[];
  lines: readonly ChartLine[];
}) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [isDark, setDark] = useState(darkness.matches);
  useEffect(() => {
    const changed = () => setDark(darkness.matches);
    darkness.addEventListener('change', changed);
    return () => darkness.removeEventListener('change', changed);
  }, []);
  const names = lines.map(({ label }) => label).join();
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const drawn = new uPlot(optionsOf(lines, element.clientWidth), dataOf(times, lines), element);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = undefined;
    };
  }, [isDark, names]);
  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);
  const now = lines.map(({ label, values }) => `${label} ${rateText(values.at(-1) ?? 0)}`).join(', ');
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong> <span class="unit">{unit}</span>
        <ul class="legend">
          {lines.map(({ label, values }, index) => (
            <li key={label}>
              <svg width="18" height="8" aria-hidden="true">
                <line
                  class={`line-${index + 1}`}
                  x1="0"
                  y1="4"
                  x2="18"
                  y2="4"
                  stroke-dasharray={dashes[index]?.join(' ')}
                />
              </svg>{' '}
              {label} <b>{rateText(values.at(-1) ?? 0)}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={frame} class="plot" role="img" aria-label={`${title}, ${unit}: now ${now || 'nothing is known yet'}`} />
      <Numbers title={title} times={times} lines={lines} />
    </figure>
  );
}

/** The last points; made when they are asked for. */
function Numbers({
  title,
  times,
  lines,
}: {
  title: string;
  times: readonly (string | null)[];
  lines: readonly ChartLine[];
}) {
  const [open, setOpen] = useState(false);
  const from = Math.max(0, times.length - 12);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Numbers</summary>
      {open && (
        <table aria-label={`${title}: the last points`}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {lines.map(({ label }) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.slice(from).map((time, index) => (
              <tr key={time}>
                <td>{timeText(time)}</td>
                {lines.map(({ label, values }) => (
                  <td key={label} class="number">
                    {rateText(values[from + index] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function dataOf(times: readonly (string | null)[], lines: readonly ChartLine[]): uPlot.AlignedData {
  return [times.map((time) => Date.parse(time ?? '') / 1000), ...lines.map(({ values }) => [...values])];
}

function optionsOf(lines: readonly ChartLine[], width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--rule'), width: 1 }, ticks: { show: false } };
  const font = '11px system-ui, sans-serif';
  return {
    width,
    height,
    legend: { show: false },
    cursor: { sync: { key: 'samog' }, y: false },
    hooks: { draw: [(drawn) => drawMarks(drawn, colour('--quiet'))] },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      { ...axis, font, size: 24, values: (_, splits) => splits.map((at) => clockText(at)) },
      { ...axis, font, size: 46, values: (_, splits) => splits.map((value) => rateText(value)) },
    ],
    series: [
      {},
      ...lines.map(({ label }, index) => ({
        label,
        stroke: colour(colours[index] ?? '--line-1'),
        width: 1.5,
        points: { show: false },
        ...(dashes[index] === undefined ? {} : { dash: dashes[index] }),
      })),
    ],
  };
}

/** A line where something has changed: what it was is in the list of the overview. */
function drawMarks({ ctx, bbox, scales, valToPos }: uPlot, colour: string): void {
  ctx.fillStyle = colour;
  for (const { time } of overview.value?.changes ?? []) {
    const at = Date.parse(time) / 1000;
    if (at > (scales['x']?.min ?? at)) ctx.fillRect(valToPos(at, 'x', true), bbox.top, 2, bbox.height);
  }
}

function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
