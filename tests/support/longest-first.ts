import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files run whole programs, those with the longest files first. */
const longest = [
  'src/lab/bench/',
  'tests/endtoend/',
  'tests/access-point/',
  'tests/operations/',
  'tests/scenarios/',
  'tests/packaging/',
  'tests/aaa/',
  'tests/console/',
  'tests/',
  'src/host/',
];

/**
 * The order of test files: first those that wait for programs, and at the end those that take milliseconds. Where nothing
 * is known of earlier runs, Vitest goes by size, and would end with the end-to-end tests of the handover: three files of a
 * few lines that take a minute.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  // Those that share processes stay together: such a process ends when another file comes next.
  if (!project.config.isolate) return longest.length + 1;
  const rank = longest.findIndex((folder) => moduleId.includes(`/${folder}`));
  return rank < 0 ? longest.length : rank;
}
