import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SequenceNumbers } from './sequence-numbers.ts';

it('begin at 0', () => {
  const numbers = new SequenceNumbers();
  expect([numbers.take(), numbers.take(), numbers.next]).toEqual([0, 1, 2]);
});

it('are given once, whenever somebody goes on who was told last', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constantFrom('exact', 'lost')), {
    maxLength: 20,
  });
  const areGivenOnce = fc.property(steps, (all) => {
    let numbers = new SequenceNumbers();
    let told = 0;
    let last = -1;
    const tellIfShort = () => {
      if (!numbers.isShort) return;
      numbers.reserve();
      told = numbers.told;
    };
    tellIfShort();
    for (const step of all) {
      if (step === 'exact') {
        numbers.settle();
        told = numbers.told;
        expect(told).toBe(numbers.next);
      }
      if (typeof step !== 'number') {
        numbers = new SequenceNumbers(told);
        tellIfShort();
        continue;
      }
      for (let count = 0; count < step; count += 1) {
        const given = numbers.take();
        if (given <= last) return false;
        last = given;
        tellIfShort();
      }
    }
    return true;
  });
  fc.assert(areGivenOnce, { numRuns: 50 });
});
