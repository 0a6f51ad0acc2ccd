import { parse } from 'yaml';
import { formatProblem } from '../config/problem.ts';
import { readYaml } from '../config/yaml-source.ts';
import { refuse } from '../views/view.ts';
import { splitConfiguration } from './confidential.ts';
import { type Edited, withoutSetting, withSetting } from './edit.ts';
import { hiddenMark, withSecretsOf } from './secrets.ts';

/** What somebody does to a candidate. */
export type CandidateEdit =
  /** Takes a whole file in its place; `(hidden)` stands for the secret that was there. */
  | { readonly load: string }
  | { readonly set: { readonly path: string; readonly value: string } }
  | { readonly delete: { readonly path: string } };

/** What candidates are made of. */
export interface CandidateSource {
  /** The candidate as it is. */
  readonly text: string;
  /** What it was begun of. */
  readonly base: string;
  /** The part of the file in force that nobody is shown. */
  readonly confidential: string;
}

/** Of problems of a file so many are told where there is one line for them all. */
const problemsTold = 5;
const notHere = refuse('bad-argument', 'lawful-intercept is not changed here', 'leave it out; it stays as it is');

/** A candidate after an edit. What it then says may be wrong, but it is readable. */
export function candidateEdit(source: CandidateSource, edit: CandidateEdit): Edited {
  if ('load' in edit) return loaded(source, edit.load);
  const { path } = 'set' in edit ? edit.set : edit.delete;
  if (path.split('.')[0] === 'lawful-intercept') return notHere;
  return 'set' in edit ? withSetting(source.text, path, edit.set.value) : withoutSetting(source.text, path);
}

function loaded({ text, base, confidential }: CandidateSource, given: string): Edited {
  const { readable, problems } = readYaml(given);
  if (!readable || problems.length > 0) {
    const told = problems.slice(0, problemsTold).map((problem) => {
      return formatProblem({ ...problem, file: 'line', path: problem.path.map(String).join('.') });
    });
    const more = problems.length > problemsTold ? [`and ${problems.length - problemsTold} more`] : [];
    return refuse('bad-argument', [...told, ...more].join('\n'), 'nothing of it was taken');
  }
  const parts = splitConfiguration(given);
  if (parts.confidential !== '' && !isSame(parts.confidential, confidential)) return notHere;
  if (!parts.open.includes(hiddenMark)) return { ok: true, text: parts.open };
  return { ok: true, text: withSecretsOf(withSecretsOf(parts.open, text), base) };
}

function isSame(one: string, other: string): boolean {
  return JSON.stringify(parse(one)) === JSON.stringify(parse(other));
}
