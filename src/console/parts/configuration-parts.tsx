import type { Problem as ConfigurationProblem } from '../../operations/config/problem.ts';
import type { AtRestart } from '../../operations/configuration/answers.ts';
import type { SettingChange } from '../../operations/configuration/change.ts';
import type { ConfigurationVersion } from '../../operations/configuration/reader.ts';
import { timeText } from '../format.ts';
import { Badge, Empty, Table } from './basics.tsx';

/** What is different, setting by setting, and when it takes effect. */
export function Changes({ of, none }: { of: readonly SettingChange[]; none: string }) {
  return (
    <Table
      label="Changes"
      rows={of}
      keyOf={({ path, kind }) => `${kind} ${path}`}
      empty={<Empty what={none} />}
      columns={[
        { title: 'Setting', of: ({ path }) => <code>{path}</code>, wraps: true },
        { title: 'How', of: ({ kind }) => kind },
        { title: 'Before', of: ({ before }) => before, wraps: true },
        { title: 'After', of: ({ after }) => after, wraps: true },
        {
          title: 'Takes effect',
          of: ({ effect }) => (
            <Badge verdict={effect === 'hot' ? 'good' : 'warning'}>
              {effect === 'hot' ? 'at once' : 'at a restart'}
            </Badge>
          ),
        },
      ]}
    />
  );
}

/** Everything that is wrong, with its place and what to do. */
export function Problems({ of }: { of: readonly ConfigurationProblem[] }) {
  if (of.length === 0) return <Badge verdict="good">no problem</Badge>;
  return (
    <ul class="plain">
      {of.map(({ line, column, path, message, hint }) => (
        <li key={`${line}:${column} ${path} ${message}`}>
          <Badge verdict="critical">{`line ${line}, column ${column}`}</Badge> <code>{path || 'the file'}</code>{' '}
          {message}. <span class="next">{hint}</span>
        </li>
      ))}
    </ul>
  );
}

/** What of a change takes effect at the next start only, and what that start disturbs; nothing for null. */
export function Restart({ of }: { of: AtRestart | null }) {
  if (of === null) return null;
  return (
    <p class="note warning">
      Waits for a restart: {[...of.paths, ...of.reasons].join(', ')}. A restart disturbs: {of.disturbs}
    </p>
  );
}

/** What was in force, and a way back to it. */
export function Versions({
  of,
  load,
}: {
  of: readonly ConfigurationVersion[];
  load: ((version: ConfigurationVersion) => void) | undefined;
}) {
  return (
    <Table
      label="History"
      rows={of}
      keyOf={({ number }) => String(number)}
      empty={<Empty what="Nothing yet." />}
      columns={[
        {
          title: 'Number',
          of: ({ number, back }) => (back === 0 ? <b>{number} (in force)</b> : number),
          numeric: true,
        },
        { title: 'When', of: ({ at }) => timeText(at) },
        { title: 'Who', of: ({ who }) => who },
        { title: 'How', of: ({ kind }) => kind },
        { title: 'Comment', of: ({ comment }) => comment, wraps: true },
        ...(load === undefined
          ? []
          : [
              {
                title: 'Go back',
                of: (version: ConfigurationVersion) =>
                  version.back === 0 ? null : (
                    <button type="button" onClick={() => load(version)}>
                      Load as candidate
                    </button>
                  ),
              },
            ]),
      ]}
    />
  );
}
