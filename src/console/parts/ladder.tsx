import { callFlowTitles } from '../../operations/ladder/call-flow-steps.ts';
import { columnTitle, sinceText, stepLegend, stepText } from '../../operations/ladder/ladder-text.ts';
import type { LadderData } from '../../operations/views/ladder.ts';
import { Empty, Scrolled } from './basics.tsx';
import { headerHeight, layOut, type PlacedRung, stepX } from './ladder-layout.ts';

/** A gap after which somebody may have waited. */
const longGapMs = 1000;
const arrowLength = 7;

/** Messages and decisions, drawn between those who took part. The same in words is below it on the page. */
export function LadderDrawing({ data }: { data: Pick<LadderData, 'columns' | 'rungs'> }) {
  if (data.rungs.length === 0) {
    return <Empty what="No message is remembered." next="They appear here as soon as one comes." />;
  }
  const { width, height, columnX, rungs } = layOut(data);
  const summary = `${rungs.length} messages and decisions between ${data.columns.map(columnTitle).join(', ')}`;
  const legend = stepLegend(data.rungs);
  return (
    <>
      {legend.map((line) => (
        <p key={line} class="quiet">
          {line}
        </p>
      ))}
      <Scrolled label="Ladder">
        <svg
          class="ladder"
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={summary}
        >
          {data.columns.map((column, index) => {
            const x = columnX[index]!;
            const [party = '', address = ''] = columnTitle(column).split(' ', 2);
            return (
              <g key={columnTitle(column)}>
                <line class="party" x1={x} y1={headerHeight - 8} x2={x} y2={height} />
                <text class="party" x={x} y={16}>
                  {party}
                </text>
                <text class="address" x={x} y={33}>
                  {address}
                </text>
              </g>
            );
          })}
          {rungs.map((placed) => (
            <RungDrawing key={placed.rung.number} placed={placed} />
          ))}
        </svg>
      </Scrolled>
    </>
  );
}

function RungDrawing({ placed: { rung, label, y, fromX, toX, labelX, anchor } }: { placed: PlacedRung }) {
  const gap = rung.sincePreviousMs >= longGapMs;
  return (
    <g class={`rung ${rung.kind}`} data-event={rung.number}>
      <title>{`${rung.time ?? ''} ${rung.name}: ${rung.text}`}</title>
      <text class={gap ? 'time gap' : 'time'} x={4} y={y + 4}>
        {sinceText(rung.sinceFirstMs)}
        {gap ? ' !' : ''}
      </text>
      {rung.step !== null && (
        <text class="step" x={stepX} y={y + 4}>
          {stepText(rung.step)}
          <title>{`Step ${rung.step.number}: ${callFlowTitles[rung.step.table - 1]}`}</title>
        </text>
      )}
      {fromX === toX ? (
        <path class="mark" d={`M${fromX - 6} ${y}l6 -6l6 6l-6 6z`} />
      ) : (
        <Arrow fromX={fromX} toX={toX} y={y} />
      )}
      <text class="label" x={labelX} y={anchor === 'start' ? y + 4 : y - 5} text-anchor={anchor}>
        {label}
      </text>
    </g>
  );
}

function Arrow({ fromX, toX, y }: { fromX: number; toX: number; y: number }) {
  const back = fromX < toX ? -arrowLength : arrowLength;
  return (
    <>
      <line class="arrow" x1={fromX} y1={y} x2={toX + back / 2} y2={y} />
      <path class="head" d={`M${toX} ${y}l${back} -4v8z`} />
    </>
  );
}
