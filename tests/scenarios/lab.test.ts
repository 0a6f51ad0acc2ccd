import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/lab/lab-command.ts';
import { scenarios, seedHandovers } from '../../src/lab/scenarios/catalogue.ts';
import { bulkstatVariables } from '../../src/operations/bulkstats/catalogue.ts';

/** Every scenario of the lab, on real sockets. */

describe('the lab’s scenarios', () => {
  it.each(scenarios)('$name: $title', async (scenario) => {
    const { result } = await runScenario(scenario);
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(true);
    for (const { ueAddressBefore, ueAddressAfter, interruptionMs } of result.handovers) {
      expect(ueAddressBefore).toMatch(/^10\.45\./);
      expect(ueAddressAfter).toBe(ueAddressBefore);
      expect(interruptionMs).toBeGreaterThan(0);
    }
  });

  it('have the step numbers of the requirement’s tables', async () => {
    const numbers = [];
    for (const scenario of seedHandovers) {
      const { result } = await runScenario(scenario);
      numbers.push(result.steps.map(({ number }) => number));
    }
    const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
    expect(numbers).toEqual([upTo(13), upTo(9), upTo(6)]);
  });

  it('fail if a step is missing', async () => {
    const [scenario] = seedHandovers;
    const never = { number: 14, text: 'what never happens', seenBy: () => false };
    const { result } = await runScenario({
      ...scenario!,
      steps: (lab) => [...scenario!.steps(lab), never],
      play: async (stage) => {
        stage.patienceMs = 500;
        await scenario!.play(stage);
      },
    });
    expect(result.passed).toBe(false);
    expect(result.failures).toContain('step 14 was not seen: what never happens');
  });

  it('fail if packets are lost', async () => {
    const [scenario] = seedHandovers;
    const { result } = await runScenario({
      ...scenario!,
      play: async (stage) => {
        await stage.attach(stage.lab.wlc1);
        await stage.startTraffic();
        stage.patienceMs = 200;
        stage.lab.rg1.fromStation = () => {};
        await stage.handover(stage.lab.rg1, 'dhcp-discover');
      },
    });
    expect(result.passed).toBe(false);
    expect(result.handovers[0]?.uplinkLost).toBeGreaterThan(0);
  });
});

describe('the commands', () => {
  const samog = fileURLToPath(new URL('../../samog', import.meta.url));
  const run = async (...words: readonly string[]) => {
    try {
      const { stdout, stderr } = await promisify(execFile)(samog, words, { timeout: 55_000 });
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as { readonly code: number; readonly stdout: string; readonly stderr: string };
    }
  };

  it('print one JSON object for a scenario', async () => {
    const { code, stdout } = await run('lab', 'pmip-to-pmip', '--json');
    const result = JSON.parse(stdout) as Awaited<ReturnType<typeof runScenario>>['result'];
    expect(code).toBe(0);
    expect(result).toMatchObject({ scenario: 'pmip-to-pmip', passed: true, failures: [] });
    expect(Object.keys(result.bulkstats)).toEqual(bulkstatVariables.map(({ name }) => name));
    expect(result.bulkstats['cgw-binding-update-handoff-req-total-accepted']).toBe(1);
    expect(result.handovers[0]).toMatchObject({
      from: 'PMIPv6 wlc1',
      to: 'PMIPv6 wlc2',
      trigger: 'pbu',
      ueAddressBefore: '10.45.0.2',
      ueAddressAfter: '10.45.0.2',
      uplinkLost: 0,
      downlinkLost: 0,
    });
  });

  it('list the scenarios, and refuse an unknown one with the list', async () => {
    const listed = await run('lab', '--list');
    expect(listed.code).toBe(0);
    for (const { name } of scenarios) expect(listed.stdout).toContain(`  ${name} `);
    const refused = await run('lab', 'nonsense');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('there is no scenario nonsense');
    expect(refused.stderr).toContain('ping-pong');
  });

  it('play the demonstration in 100 columns, without colours where there is no terminal', async () => {
    const { code, stdout } = await run('demo', '--once');
    expect(code).toBe(0);
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.match(/packets lost: 0 up, 0 down/g)).toHaveLength(3);
    expect(stdout).toMatch(/^ {2}dynamic-authorization +udp /m);
    expect(stdout).toContain('All steps as in the tables.');
  });
});
