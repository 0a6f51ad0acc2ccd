import { expect, it } from 'vitest';
import { ipv4Of } from '../../kernel/address.ts';
import { Directory } from './directory.ts';

it('finds whose a name is, until that one says it no longer', () => {
  const directory = new Directory();
  const [first, second] = [directory.entriesOf(0), directory.entriesOf(1)];
  first.named('alice');
  expect([directory.instanceOfNai('alice'), directory.instanceOfNai('bob')]).toEqual([0, undefined]);
  second.named('alice');
  first.unnamed('alice');
  expect(directory.instanceOfNai('alice')).toBe(1);
  second.unnamed('alice');
  expect(directory.instanceOfNai('alice')).toBeUndefined();
});

it('tells every instance of strays, and forgets all that an instance has said when it begins anew', () => {
  const directory = new Directory();
  const [first, second] = [directory.entriesOf(0), directory.entriesOf(1)];
  first.strayed(7);
  second.strayed(8);
  second.named('bob');
  expect([directory.instanceOfStray(7), second.isStray(7), first.isStray(9)]).toEqual([0, true, false]);
  second.cleared();
  expect([directory.instanceOfStray(8), directory.instanceOfNai('bob'), first.isStray(7)]).toEqual([
    undefined,
    undefined,
    true,
  ]);
  first.returned(7);
  expect(first.isStray(7)).toBe(false);
});

it('finds whose an address of an access point is, until that one says it no longer', () => {
  const directory = new Directory();
  const [first, second] = [directory.entriesOf(0), directory.entriesOf(1)];
  const [here, there, address] = [ipv4Of(1), ipv4Of(2), ipv4Of(3)];
  first.addressed(here, address);
  second.addressed(there, address);
  const owners = () => [directory.instanceOfAddress(here, address), directory.instanceOfAddress(there, address)];
  expect(owners()).toEqual([0, 1]);
  first.unaddressed(there, address);
  second.addressed(here, address);
  first.unaddressed(here, address);
  expect(owners()).toEqual([1, 1]);
  first.cleared();
  second.unaddressed(there, address);
  second.unaddressed(there, address);
  expect(owners()).toEqual([1, undefined]);
  second.cleared();
  expect(owners()).toEqual([undefined, undefined]);
});
