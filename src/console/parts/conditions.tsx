import type { ConditionAnswer } from '../../operations/redundancy-commands.ts';
import { labelOf } from '../../operations/views/format.ts';
import { Badge } from './basics.tsx';

/** What a planned switchover depends on, and what to do about what is not so. */
export function Conditions({ of }: { of: readonly ConditionAnswer[] }) {
  return (
    <ul class="conditions">
      {of.map(({ condition, passed, detail, hint }) => (
        <li key={condition}>
          <Badge verdict={passed ? 'good' : 'critical'}>{labelOf(condition)}</Badge> <span>{detail}</span>
          {hint !== null && <p class="next">{hint}</p>}
        </li>
      ))}
    </ul>
  );
}
