import { describe, expect, it } from 'vitest';
import { ConfigureMode } from './configure-mode.ts';

describe('the mode of configure', () => {
  it.each([
    ['set a.b 1', 'configure set a.b 1'],
    ['  compare', 'configure compare'],
    ['run show alarms | count', 'show alarms | count'],
    ['', ''],
    ['# why', '# why'],
    ['show | match x', 'configure show | match x'],
    ['show | compare', 'configure compare'],
    ['show |compare rollback 2 ', 'configure compare 2'],
  ])('reads %j as %j', (line, text) => {
    expect(new ConfigureMode().read(line)).toEqual({ kind: 'line', text });
  });

  it.each([
    ['', ['edit', 'up', 'top', 'run', 'exit', 'quit']],
    ['  e', ['edit', 'exit']],
    ['set ', []],
  ])('offers words of its own for %j', (line, words) => {
    expect(new ConfigureMode().ownWords(line).map(({ text }) => text)).toEqual(words);
  });

  it('puts the place before paths', () => {
    const mode = new ConfigureMode();
    mode.read('edit samog-service');
    expect(mode.prompt).toBe('configure samog-service');
    expect(mode.read('set setup-timeout 20s')).toEqual({
      kind: 'line',
      text: 'configure set samog-service.setup-timeout 20s',
    });
    expect(mode.read('show')).toEqual({ kind: 'line', text: 'configure show samog-service' });
    expect(mode.read('show | count')).toEqual({ kind: 'line', text: 'configure show samog-service | count' });
    expect(mode.read('commit')).toEqual({ kind: 'line', text: 'configure commit' });
    mode.read('edit handover');
    expect(mode.read('delete rate')).toEqual({ kind: 'line', text: 'configure delete samog-service.handover.rate' });
    mode.read('up');
    expect(mode.prompt).toBe('configure samog-service');
    mode.read('top');
    expect(mode.prompt).toBe('configure');
  });

  it('is left by exit at the top, and by quit from anywhere', () => {
    const mode = new ConfigureMode();
    mode.read('edit logging');
    expect(mode.read('exit')).toEqual({ kind: 'moved' });
    expect(mode.read('exit')).toEqual({ kind: 'left' });
    mode.read('edit logging');
    expect(mode.read('quit')).toEqual({ kind: 'left' });
  });

  it('completes what would be carried out', () => {
    const mode = new ConfigureMode();
    expect(mode.within('se')).toBe('configure se');
    mode.read('edit logging');
    expect(mode.within('set lev')).toBe('configure set logging.lev');
    expect(mode.within('set ')).toBe('configure set ');
  });
});
