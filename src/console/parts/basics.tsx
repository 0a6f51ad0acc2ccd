import type { ComponentChildren, Ref } from 'preact';
import type { Polled } from '../poll.ts';

export type Verdict = 'good' | 'warning' | 'critical' | 'unknown';

/** A colour never says it alone. */
const marks: Readonly<Record<Verdict, string>> = { good: '✓', warning: '⚠', critical: '✗', unknown: '?' };

/** A verdict by colour and by sign, with its words. */
export function Badge({ verdict, children }: { verdict: Verdict; children: ComponentChildren }) {
  return (
    <span class={`badge ${verdict}`}>
      <span aria-hidden="true">{marks[verdict]} </span>
      {children}
    </span>
  );
}

/**
 * A section of a page; its title is what it is called by for a screen reader, so no two of a page may have one title.
 */
export function Panel({
  title,
  children,
  wide = false,
}: {
  title: string;
  children: ComponentChildren;
  wide?: boolean;
}) {
  const id = `panel-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return (
    <section class={wide ? 'panel wide' : 'panel'} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export type Field = readonly [label: string, value: ComponentChildren];

/** Labels and values; what is null is not known. */
export function Fields({ of }: { of: readonly Field[] }) {
  return (
    <dl class="fields">
      {of.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What stands where there is nothing: what, why, what next. */
export function Empty({ what, next }: { what: string; next?: ComponentChildren }) {
  return (
    <p class="empty">
      {what}
      {next === undefined ? null : <span class="next"> {next}</span>}
    </p>
  );
}

/** Why a question has no answer. What was known before stays on the page beside it. */
export function Problem({ of: { problem, data } }: { of: Polled<unknown> }) {
  if (problem === undefined) return data === undefined ? <p class="empty">Asking the gateway …</p> : null;
  if (problem.kind === 'unreachable') {
    return data === undefined ? <p class="empty">The gateway does not answer.</p> : null;
  }
  const { what, hint } = problem.refusal;
  return (
    <p class="note warning" role="status">
      {what}. <span class="next">{hint}</span>
    </p>
  );
}

/** A table in a frame that scrolls by itself, so that the page never does. */
export function Scrolled({
  label,
  frame,
  onScroll,
  kind = '',
  children,
}: {
  label: string;
  frame?: Ref<HTMLElement>;
  onScroll?: (top: number) => void;
  kind?: '' | 'list' | 'cards';
  children: ComponentChildren;
}) {
  return (
    <section
      ref={frame ?? null}
      class={`scrolled ${kind}`}
      aria-label={`${label}, to scroll in`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
      tabIndex={0}
      onScroll={({ currentTarget }) => onScroll?.(currentTarget.scrollTop)}
    >
      {children}
    </section>
  );
}

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => ComponentChildren;
  readonly numeric?: boolean;
  /** Its text may be long, and takes several lines then. */
  readonly wraps?: boolean;
}

/** With so many columns a row is a card where there is no room for them beside each other. */
const cardsFrom = 5;

/** A short table. */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  empty,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  empty: ComponentChildren;
}) {
  if (rows.length === 0) return <>{empty}</>;
  return (
    <Scrolled label={label} kind={columns.length < cardsFrom ? '' : 'cards'}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, numeric }) => (
              <th key={title} scope="col" class={numeric ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, of, numeric, wraps }) => (
                <td key={title} data-title={title} class={numeric ? 'number' : wraps ? 'wraps' : undefined}>
                  {of(row) ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

/** A command that can be copied into a shell. */
export function Command({ text }: { text: string }) {
  return (
    <button
      type="button"
      class="command"
      title="Copy"
      onClick={() => void navigator.clipboard?.writeText(`samog ${text}`)}
    >
      <code>{text}</code>
    </button>
  );
}
