import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from '../bytes/text.ts';
import { encodeSyslog, frameSyslog, type SyslogMessage } from './syslog.ts';

const sample: SyslogMessage = {
  facility: 'local4',
  severity: 'notice',
  timestamp: '2003-10-11T22:14:15.003Z',
  hostName: 'mymachine.example.com',
  appName: 'evntslog',
  processId: '-',
  messageId: 'ID47',
  elementId: 'exampleSDID@32473',
  parameters: { iut: '3', eventSource: 'Application', eventID: 1011, nothing: undefined },
  text: 'An application event log entry...',
};

const text = (changes: Partial<SyslogMessage> = {}): string => utf8Decode(encodeSyslog({ ...sample, ...changes }));

describe('a syslog message', () => {
  it('is as the example of RFC 5424 section 6.5', () => {
    expect(text()).toBe(
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ' +
        '[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An application event log entry...',
    );
  });

  it.each<[string, Partial<SyslogMessage>, string]>([
    ['escapes what would end a value', { parameters: { a: 'x"] \\y' } }, '[exampleSDID@32473 a="x\\"\\] \\\\y"]'],
    ['has no spaces in its head', { hostName: 'two words', appName: 'ü' }, ' two_words _ - '],
    ['has a dash for what there is not', { processId: '', messageId: '' }, ' evntslog - - ['],
    ['is one line', { text: 'one\r\ntwo\u0000three' }, '] one two three'],
    ['has text beyond ASCII', { text: 'Überlast' }, '] Überlast'],
  ])('%s', (_name, changes, part) => {
    expect(text(changes)).toContain(part);
  });

  it('of whatever is in it has six fields, structured data and a text', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(anything, anything, anything, (hostName, value, said) => {
        const one = text({ hostName, parameters: { value }, text: said });
        expect(one).toMatch(
          /^<165>1 \S+ [\x21-\x7e]{1,255} evntslog - ID47 \[exampleSDID@32473 value="(?:[^"\\\]]|\\["\\\]])*"\] /s,
        );
        expect(one.slice(0, one.indexOf('['))).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 200 },
    );
  });

  it('is counted in octets, not in characters', () => {
    expect(utf8Decode(frameSyslog(utf8Encode('Übung')))).toBe('6 Übung');
  });
});
