import { describe, expect, it } from 'vitest';
import { ipv4Of, parsePrefix } from '../kernel/address.ts';
import { ShieldCourse, type ShieldStep } from './shield-course.ts';

const strangers = { only: [parsePrefix('10.0.0.0/24')!], except: [] };
const client = { only: undefined, except: [ipv4Of(0x0a000001)] };
const both = { ...strangers, ...{ except: client.except } };

/** Looks once a second, from second `from` on, with so many packets refused in each of them. */
function looks(course: ShieldCourse, from: number, refused: readonly number[], before = 0): ShieldStep[] {
  let count = before;
  return refused.map((more, index) => {
    count = (count + more) >>> 0;
    return course.look(count, (from + index + 1) * 1000);
  });
}

describe('the course of a flood', () => {
  it('has the shield stand while packets come, and ends when none has been refused for ten seconds', () => {
    const course = new ShieldCourse();
    expect(course.isUnderWay).toBe(false);
    expect(course.raised(strangers, 0, 0)).toBe(true);
    expect(looks(course, 0, [100_000, 100_000, 1000, 999])).toEqual(['nothing', 'nothing', 'nothing', 'lower']);
    const calm = looks(
      course,
      4,
      Array.from({ length: 10 }, () => 0),
    );
    expect(calm.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 'nothing'));
    expect(calm[9]).toEqual({ refused: 201_999, elapsedMs: 4000 });
    expect(course.isUnderWay).toBe(false);
    expect(course.look(300_000, 20_000)).toBe('nothing');
  });

  it('takes a flood that pauses for the same one, and tells of each who takes part once', () => {
    const course = new ShieldCourse();
    expect(course.raised(strangers, 0, 0)).toBe(true);
    expect(looks(course, 0, [5000, 0])).toEqual(['nothing', 'lower']);
    expect(course.raised(strangers, 5000, 9000)).toBe(false);
    expect(course.raised(both, 5000, 9000)).toBe(true);
    expect(course.raised(both, 5000, 9500)).toBe(false);
    expect(looks(course, 9, [2000, 0], 5000)).toEqual(['nothing', 'lower']);
    expect(course.look(7000, 21_000)).toEqual({ refused: 7000, elapsedMs: 11_000 });
    expect(course.raised(client, 7000, 22_000)).toBe(true);
  });

  it('lowers the shield of a flood that goes on, now and then, without an end', () => {
    const course = new ShieldCourse();
    course.raised(client, 0, 0);
    const steps = looks(
      course,
      0,
      Array.from({ length: 30 }, () => 50_000),
    );
    expect(steps.slice(0, 29).every((step) => step === 'nothing')).toBe(true);
    expect(steps[29]).toBe('lower');
    expect(course.raised(client, 1_500_000, 30_100)).toBe(false);
    expect(course.isUnderWay).toBe(true);
  });

  it('goes by packets a second, however late it looks', () => {
    const course = new ShieldCourse();
    course.raised(strangers, 0, 0);
    expect(course.look(4000, 4000)).toBe('nothing');
    expect(course.look(7999, 8000)).toBe('lower');
  });

  it('follows a count that begins anew after its last', () => {
    const course = new ShieldCourse();
    course.raised(strangers, 0xffff_fff0, 0);
    expect(looks(course, 0, [3000, 0], 0xffff_fff0)).toEqual(['nothing', 'lower']);
    expect(course.look(2984, 12_000)).toEqual({ refused: 3000, elapsedMs: 2000 });
  });

  it('does not tell of sources without end', () => {
    const course = new ShieldCourse();
    const news = Array.from({ length: 1000 }, (_, index) =>
      course.raised({ only: undefined, except: [ipv4Of(0x0a000000 + index)] }, 0, index),
    );
    expect(news.filter(Boolean)).toHaveLength(256);
  });
});
