import { pathOfLine } from '../../icsr/configuration/compare-lines.ts';
import type { ComparableConfiguration } from '../../icsr/configuration/exchange.ts';
import { toHex, utf8Encode } from '../../wire/bytes/text.ts';
import type { SrpDigests } from '../../wire/srp/digests.ts';
import type { PairSetting, RedundancyConfig } from './redundancy-config.ts';

/** What digests of configurations are made with: they are to tell two apart, and hide nothing. */
const digestKey = utf8Encode('samog configuration 1');
/** Enough to tell two secrets apart. */
const secretDigestOctets = 8;

/**
 * What a chassis tells its peer of its configuration: a line `path = value` for each setting that both must have alike,
 * sorted. Of a secret there is a digest, made with the pair's shared key, so that it says nothing to anybody else; the
 * shared key itself is not among the settings.
 */
export function comparableConfiguration(
  { settings, sharedKey }: Pick<RedundancyConfig, 'settings' | 'sharedKey'>,
  digests: SrpDigests,
): ComparableConfiguration {
  const key = utf8Encode(sharedKey);
  const withLines = settings.map((setting) => ({
    setting,
    line: `${setting.path} = ${shownValue(setting, key, digests)}`,
  }));
  const ofLines = (lines: readonly string[]): ComparableConfiguration => {
    const sorted = lines.toSorted();
    return { digest: digests.hmacSha256(digestKey, utf8Encode(sorted.join('\n'))), lines: sorted, knownTo };
  };
  const knownTo = (peerLines: readonly string[]): ComparableConfiguration => {
    const known = new Set(peerLines.map(pathOfLine));
    const told = withLines.filter(({ setting }) => !setting.isDefault || known.has(setting.path));
    return ofLines(told.map(({ line }) => line));
  };
  return ofLines(withLines.map(({ line }) => line));
}

function shownValue({ path, value, isSecret }: PairSetting, key: Uint8Array, digests: SrpDigests): string {
  if (!isSecret) return value;
  const digest = digests.hmacSha256(key, utf8Encode(`samog secret\n${path}\n${value}`));
  return `digest ${toHex(digest.subarray(0, secretDigestOctets))}`;
}
