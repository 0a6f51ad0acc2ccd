import { describe, expect, it } from 'vitest';
import { type LogIn, LoginSessions } from './sessions.ts';

const hourMs = 3_600_000;
const alice: LogIn = { userName: 'alice', proof: 'p', logIn: 'first', begunAt: 0 };

describe('sessions of those who are logged in', () => {
  it.each<[string, number[], boolean]>([
    ['that is used', [20, 40, 60], true],
    ['that nobody has used for half an hour', [20, 51], false],
    ['of a whole day', Array.from({ length: 50 }, (_, index) => index * 15), false],
  ])('know one %s', (_, minutes, isThere) => {
    const sessions = new LoginSessions();
    const key = sessions.begin(alice, 0);
    const found = minutes.map((minute) => sessions.find(key, minute * 60_000));
    expect(found.at(-1)?.userName).toBe(isThere ? 'alice' : undefined);
    expect(sessions.size).toBe(isThere ? 1 : 0);
  });

  it('know nothing of a key that they have not given', () => {
    const sessions = new LoginSessions();
    sessions.begin(alice, 0);
    expect(sessions.find('x', 0)).toBeUndefined();
    sessions.end('x');
    expect(sessions.size).toBe(1);
  });

  it('end together at both chassis, if they follow from one log-in', () => {
    const [here, there] = [new LoginSessions(), new LoginSessions()];
    here.onEnd((logIns) => there.ended(logIns));
    const key = here.begin(alice, 0);
    const followed = there.begin(alice, 0);
    const others = there.begin({ ...alice, logIn: 'second' }, 0);
    expect(there.maySucceed(alice, 0)).toBe(true);
    here.end(key);
    expect([here.find(key, 0), there.find(followed, 0)]).toEqual([undefined, undefined]);
    expect(there.find(others, 0)).toBeDefined();
    expect(there.maySucceed(alice, 0)).toBe(false);
  });

  it('tell of what ended while nobody listened, but not of what they were told', () => {
    const told: string[] = [];
    const sessions = new LoginSessions();
    sessions.end(sessions.begin(alice, 0));
    sessions.ended(['elsewhere']);
    sessions.onEnd((logIns) => void told.push(...logIns));
    sessions.tellEnded();
    expect(told).toEqual(['first']);
  });

  it('are followed by none of a log-in of yesterday', () => {
    expect(new LoginSessions().maySucceed(alice, 11 * hourMs)).toBe(true);
    expect(new LoginSessions().maySucceed(alice, 13 * hourMs)).toBe(false);
  });
});
