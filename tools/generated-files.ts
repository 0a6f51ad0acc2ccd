import { configReference } from '../src/operations/config/reference.ts';
import { sessionStateTable } from './state-tables.ts';

/** A committed file that is made of the code, so that it cannot come to differ from it. */
export interface GeneratedFile {
  /** Path from the project's folder. */
  readonly file: string;
  /** The whole text; the same at every call. */
  readonly render: () => string;
}

/** Every generated file: add yours here, and `npm run generate`, `--check` and the test know of it. */
export const generatedFiles: readonly GeneratedFile[] = [
  { file: 'docs/reference/configuration.md', render: configReference },
  { file: 'docs/state-machines/session.md', render: sessionStateTable },
];
