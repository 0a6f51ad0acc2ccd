import type { SrpInfoData } from '../../operations/views/srp/srp-info.ts';
import { stateWords } from '../../operations/views/srp/words.ts';

type State = SrpInfoData['local']['state'];

const boxWidth = 128;
const boxHeight = 38;

/** The left upper corner of each state's box. */
const corners: Readonly<Record<State, readonly [x: number, y: number]>> = {
  INIT: [86, 6],
  PENDING_STANDBY: [6, 78],
  PENDING_ACTIVE: [166, 78],
  STANDBY: [6, 158],
  ACTIVE: [166, 158],
};

/** The ways that there are between them (docs/state-machines/chassis.md), each as a path. */
const ways: readonly (readonly [from: State, to: State, path: string])[] = [
  ['INIT', 'PENDING_STANDBY', 'M120 44L84 76'],
  ['INIT', 'PENDING_ACTIVE', 'M180 44L216 76'],
  ['PENDING_STANDBY', 'STANDBY', 'M70 116L70 156'],
  ['PENDING_STANDBY', 'PENDING_ACTIVE', 'M134 90L164 90'],
  ['PENDING_ACTIVE', 'PENDING_STANDBY', 'M166 104L136 104'],
  ['STANDBY', 'PENDING_ACTIVE', 'M134 166L176 118'],
  ['PENDING_ACTIVE', 'ACTIVE', 'M240 116L240 156'],
  ['ACTIVE', 'PENDING_STANDBY', 'M166 176C150 176 150 130 124 118'],
];

/** The machine of a chassis with the state that it is in lit, and the way that it came by. */
export function StateMachine({ data }: { data: Pick<SrpInfoData, 'local' | 'history'> }) {
  const { state } = data.local;
  const last = data.history[0];
  return (
    <svg class="machine" viewBox="0 0 300 202" role="img" aria-label={`State machine: ${stateWords[state]} is lit`}>
      <defs>
        <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0L8 4L0 8z" />
        </marker>
      </defs>
      {ways.map(([from, to, path]) => (
        <path
          key={`${from} ${to}`}
          class={last?.from === from && last.to === to ? 'way taken' : 'way'}
          d={path}
          marker-end="url(#head)"
        />
      ))}
      {(Object.keys(corners) as State[]).map((each) => {
        const [x, y] = corners[each];
        return (
          <g key={each} class={each === state ? 'state lit' : 'state'}>
            <rect x={x} y={y} width={boxWidth} height={boxHeight} rx="6" />
            <text x={x + boxWidth / 2} y={y + boxHeight / 2 + 5}>
              {each === state ? `● ${stateWords[each]}` : stateWords[each]}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
