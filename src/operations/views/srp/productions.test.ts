import { describe, expect, it } from 'vitest';
import { checkpointByAddress, checkpointCatalogue } from '../../../icsr/catalogue/catalogue.ts';
import { instanceRecordsOf } from '../../../icsr/instance/instance-records.ts';
import { checkpointRows, producerText } from './checkpoint-rows.ts';
import { productions } from './productions.ts';

const textOf = (name: string) => producerText(checkpointRows([]).find((row) => row.name === name)!);

describe('what makes this chassis send a checkpoint', () => {
  it('is said of each whose producer is here, or what that would need', () => {
    const rows = checkpointRows([]).filter(({ onThisChassis }) => onThisChassis);
    expect(rows.filter(({ trigger, missing }) => (trigger === null) === (missing === null))).toEqual([]);
    expect(rows.filter(({ missing }) => missing !== null).map(({ cmdId }) => cmdId)).toEqual([75, 151, 191]);
  });

  it('is said of nothing else', () => {
    const names = new Set(checkpointCatalogue.map(({ name }) => name));
    expect([...productions.keys()].filter((name) => !names.has(name))).toEqual([]);
    const elsewhere = checkpointRows([]).filter(({ onThisChassis }) => !onThisChassis);
    expect(elsewhere.filter(({ name }) => productions.has(name))).toEqual([]);
  });

  it('is said of what an instance tells of itself', () => {
    const maps = { apns: [], services: [], vpns: [] };
    const told = (['ready', 'periodic'] as const).flatMap((occasion) => instanceRecordsOf(maps, occasion));
    expect(told).toHaveLength(4);
    for (const { address } of told) {
      const { name } = checkpointByAddress(address.cmdId, address.nameIndex)!;
      expect(productions.get(name), name).toHaveProperty('trigger');
    }
  });

  it.each([
    ['SERVICE_ID MAPPING', 'framework'],
    ['SESS_UCHKPT_CMD_UPDATE_COA_PARAMS', 'samog'],
    ['SESS_UCHKPT_CMD_SAMOG_GTPV1_UPDATE_PDN_INFO', 'samog (needs GTPv1 at Gn)'],
    ['SESS_UCHKPT_CMD_GGSN_UPDATE_STATS', 'ggsn (not on this chassis)'],
    ['SESS_UCHKPT_CMD_CGW_UPDATE_STATS', 'none: reserved'],
  ])('%s: %s', (name, text) => {
    expect(textOf(name)).toBe(text);
  });
});
