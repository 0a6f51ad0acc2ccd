import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartError } from '../start-error.ts';
import { ChassisStateFile, stateFileName } from './chassis-state-file.ts';

let folder: string;
let directory: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  directory = join(folder, 'state');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the state of a chassis', () => {
  it('begins with term 0 and no Restart Counter', () => {
    const state = ChassisStateFile.open(directory);
    expect([state.term, state.restartCounter]).toEqual([0, undefined]);
    expect(readdirSync(directory)).toEqual([]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('is there for the next start, readable by its owner alone', () => {
    const state = ChassisStateFile.open(directory);
    state.storeTerm(7);
    state.storeRestartCounter(0xffffffff);
    state.storeTerm(9);
    expect([state.term, state.restartCounter]).toEqual([9, 0xffffffff]);
    const next = ChassisStateFile.open(directory);
    expect([next.term, next.restartCounter]).toEqual([9, 0xffffffff]);
    expect(readdirSync(directory)).toEqual([stateFileName]);
    expect(statSync(join(directory, stateFileName)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, stateFileName), 'utf8')).toBe(
      '{"version":1,"term":9,"restartCounter":4294967295}\n',
    );
  });

  it('has what an operator has switched off until it is switched on again', () => {
    const state = ChassisStateFile.open(directory);
    expect(state.disabledNacks).toEqual([]);
    state.storeTerm(3);
    state.storeDisabledNacks([110, 190]);
    const next = ChassisStateFile.open(directory);
    expect([next.term, next.disabledNacks]).toEqual([3, [110, 190]]);
    next.storeDisabledNacks([]);
    expect(ChassisStateFile.open(directory).disabledNacks).toEqual([]);
    expect(readFileSync(join(directory, stateFileName), 'utf8')).toBe('{"version":1,"term":3}\n');
  });

  it('has what its store follows; a release before that kept nothing of it', () => {
    const state = ChassisStateFile.open(directory);
    expect(state.store).toEqual({ term: 0, as: 'alone' });
    state.storeTerm(6);
    state.storeStanding({ term: 6, as: 'active' });
    state.storeDisabledNacks([110]);
    const next = ChassisStateFile.open(directory);
    expect([next.term, next.store, next.disabledNacks]).toEqual([6, { term: 6, as: 'active' }, [110]]);
    writeFileSync(join(directory, stateFileName), '{"version":1,"term":6}');
    expect(ChassisStateFile.open(directory).store).toEqual({ term: 0, as: 'alone' });
  });

  it.each(['{"term":6}', '{"term":-1,"as":"alone"}', '{"term":6,"as":"toString"}', '"alone"'])(
    'refuses the store %s',
    (store) => {
      ChassisStateFile.open(directory).storeTerm(6);
      writeFileSync(join(directory, stateFileName), `{"version":1,"term":6,"store":${store}}`);
      expect(() => ChassisStateFile.open(directory)).toThrow(StartError);
    },
  );

  it('is the former one where the new one was not finished', () => {
    ChassisStateFile.open(directory).storeTerm(7);
    writeFileSync(join(directory, `${stateFileName}.new`), '{"vers');
    const state = ChassisStateFile.open(directory);
    expect(state.term).toBe(7);
    state.storeTerm(8);
    expect(ChassisStateFile.open(directory).term).toBe(8);
  });

  it.each([
    '',
    '{"version":1,"te',
    'null',
    '{}',
    '{"version":2,"term":1}',
    '{"version":1,"term":-1}',
    '{"version":1,"term":1.5}',
    '{"version":1,"term":1,"restartCounter":"1"}',
    '{"version":1,"term":1,"disabledNacks":[1.5]}',
  ])('is not guessed from %j', (text) => {
    ChassisStateFile.open(directory);
    writeFileSync(join(directory, stateFileName), text);
    expect(() => ChassisStateFile.open(directory)).toThrow(StartError);
    expect(() => ChassisStateFile.open(directory)).toThrow(/the term in it is lost.*"term":N/s);
  });

  it('stays what it was where it cannot be stored', () => {
    const state = ChassisStateFile.open(directory);
    state.storeTerm(7);
    rmSync(directory, { recursive: true });
    expect(() => state.storeTerm(8)).toThrow();
    expect(state.term).toBe(7);
  });

  it('cannot be had where a file is in the way', () => {
    writeFileSync(directory, '');
    expect(() => ChassisStateFile.open(directory)).toThrow(StartError);
  });
});
