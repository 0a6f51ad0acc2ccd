import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { candidatesFor, completionScripts } from './completion.ts';
import { program } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const none = { socket: join(folder, 'nothing.sock') };

describe('what a shell offers', () => {
  it.each([
    [['sho'], ['show']],
    [['show', 'soc'], ['sockets']],
    [['user', 'p'], ['password']],
    [['show', 'sockets', '--js'], ['--json']],
    [['show', 'events', 'filter', 'a b', 'si'], ['since']],
    [
      ['show', 'subscribers', 'access', ''],
      ['pmip', 'eogre', 'ip'],
    ],
    // Files are offered by the shell itself, and what needs the role intercept by nobody.
    [['run', '--config', 'sam'], []],
    [['show', 'interc'], []],
    [['compl'], ['completion']],
  ])('for %j', async (words, texts) => {
    const found = await candidatesFor(
      program(() => {}),
      words,
      none,
    );
    expect(found.map(({ text }) => text)).toEqual(texts);
  });
});

describe('the script for bash', () => {
  /** What it has bash offer for these words, of what samog answers; and the words that samog was asked about. */
  function offered(words: readonly string[], answer: string): { offered: string[]; asked: string[] } {
    const script = `${completionScripts['bash']}
samog() { printf '%s\\n' "$@" > asked; printf '%s' "$ANSWER"; }
COMP_WORDS=(samog "$@"); COMP_CWORD=$#; COMP_LINE="$LINE"; COMP_POINT=\${#COMP_LINE}
_samog; printf '%s\\n' "\${COMPREPLY[@]}"; cat asked >&3`;
    const env = { ...process.env, ANSWER: answer, LINE: `samog ${words.join(' ').replaceAll(/ ?: ?/g, ':')}` };
    const run = `exec 3>&1; mkdir -p ${folder}; cd ${folder}; ${script}; echo --- >/dev/null`;
    const out = execFileSync('bash', ['-c', run, 'bash', ...words], { encoding: 'utf8', env });
    const [found, asked] = out.split('complete\n--\n');
    return { offered: found!.split('\n').filter(Boolean), asked: asked!.split('\n').slice(0, -1) };
  }

  it('puts together what bash has parted at colons, and offers what is not there yet', () => {
    const words = ['show', 'events', 'mac', '02', ':', '00', ':', '5'];
    const answer = '02:00:5e:10:00:01\tEoGRE\n02:00:5e:10:00:02\tEoGRE\n';
    const found = offered(words, answer);
    expect(found.asked).toEqual(['show', 'events', 'mac', '02:00:5']);
    expect(found.offered).toEqual(['5e:10:00:01', '5e:10:00:02']);
  });

  it('passes words on as they are, and evaluates none', () => {
    const found = offered(['show', 'events', 'filter', '"$(touch evaluated)"', ''], 'limit\thow many\n');
    expect(found.asked).toEqual(['show', 'events', 'filter', '"$(touch evaluated)"', '']);
    expect(found.offered).toEqual(['limit']);
    expect(existsSync(join(folder, 'evaluated'))).toBe(false);
  });
});
