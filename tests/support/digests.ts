import { createHmac, hash } from 'node:crypto';
import type { Digests } from '../../src/kernel/context.ts';

/** The digests that pure code asks for, straight from the platform. */
export const testDigests: Digests = {
  md5: (data) => hash('md5', data, 'buffer'),
  hmacMd5: (key, data) => createHmac('md5', key).update(data).digest(),
};
