import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../kernel/random.ts';
import { type ChassisName, SrpStream, type StreamUser } from './srp-stream.ts';

class User implements StreamUser {
  readonly name: ChassisName;
  isAlive = true;
  isRunning = true;
  resumedAt = 0;
  understands = true;
  readonly heard: number[] = [];
  readonly events: string[] = [];

  constructor(name: ChassisName) {
    this.name = name;
  }

  opened(role: string): void {
    this.events.push(role);
  }

  octets(octets: Uint8Array): void {
    this.heard.push(...octets);
    if (this.understands) stream.heard(this.name);
  }

  closed(reason: string): void {
    this.events.push(reason);
  }
}

let time: { now: number };
let users: Record<ChassisName, User>;
let stream: SrpStream;

function run(forMs: number): void {
  const until = time.now + forMs;
  for (let at = stream.nextDeadline(); at <= until; at = stream.nextDeadline()) {
    time.now = Math.max(time.now, at);
    stream.advance(time.now);
  }
  time.now = until;
}

const numbers = (from: number, length: number) => Uint8Array.from({ length }, (_, index) => (from + index) & 255);

beforeEach(() => {
  time = { now: 0 };
  users = { A: new User('A'), B: new User('B') };
  stream = new SrpStream(users, new SeededRandom(3), time, 2, 5000);
  run(200);
  expect([users.A.events, users.B.events, stream.isWhole]).toEqual([['client'], ['server'], true]);
});

describe('the stream between two chassis', () => {
  it('carries all octets in their order, in pieces of any length', () => {
    for (let index = 0; index < 100; index += 1) stream.send('A', numbers(index * 10, 10));
    run(50);
    expect(users.B.heard).toEqual([...numbers(0, 1000)]);
  });

  it('holds back what a cut way carries, one way alone, and delivers it when it is healed', () => {
    stream.cut('B');
    stream.send('A', numbers(0, 5));
    stream.send('B', numbers(7, 5));
    run(1000);
    expect([users.B.heard, users.A.heard.length, stream.isWhole]).toEqual([[], 5, false]);
    stream.heal();
    run(1000);
    expect(users.B.heard).toEqual([...numbers(0, 5)]);
  });

  it('tells the other end of a close, and is opened again', () => {
    stream.giveUp('B', 'timed out');
    run(500);
    expect(users.B.events).toEqual(['server', 'timed out', 'server']);
    expect(users.A.events).toEqual(['client', 'reset', 'client']);
  });

  it('tells nothing of a machine without power until somebody says something to its successor', () => {
    users.B.isAlive = false;
    stream.vanish('B');
    stream.send('A', numbers(0, 1));
    run(1000);
    expect(users.A.events).toEqual(['client']);
    users.B.isAlive = true;
    stream.send('A', numbers(0, 1));
    run(1000);
    expect(users.A.events).toEqual(['client', 'reset', 'client']);
    expect(users.B.heard).toEqual([]);
  });

  it('is given up by who hears nothing for long', () => {
    users.B.isAlive = false;
    stream.vanish('B');
    run(10_000);
    expect(users.A.events).toEqual(['client', 'idle']);
  });

  it('is given up by who understands nothing for long, but not by who stands still', () => {
    users.A.understands = false;
    users.B.isRunning = false;
    for (let count = 0; count < 7; count += 1) {
      stream.send('B', numbers(0, 1));
      stream.send('A', numbers(0, 1));
      run(800);
    }
    expect(users.A.events.slice(0, 2)).toEqual(['client', 'idle']);
    expect(users.B.events.slice(0, 2)).toEqual(['server', 'reset']);
  });

  it('garbles one piece, once', () => {
    stream.garble('B');
    stream.send('A', numbers(0, 20));
    stream.send('A', numbers(20, 20));
    run(100);
    const wrong = users.B.heard.filter((octet, index) => octet !== index);
    expect([users.B.heard.length, wrong.length]).toEqual([40, 1]);
  });
});
