import { formatMac, type MacAddress, parseMac } from '../../kernel/address.ts';
import type { MacFormat, UserNameConfig } from './config.ts';

/**
 * The MAC address that an NAI of the form `<MAC>` or `<MAC>@realm` names (seed, Table 3 step 03), in any of the
 * writings that WLCs use; undefined for any other NAI.
 */
export function macOfNai(nai: string): MacAddress | undefined {
  const at = nai.indexOf('@');
  return parseMac(at < 0 ? nai : nai.slice(0, at));
}

/** How the MAC address of a UE is written toward the AAA server, without a realm. */
export function macText(mac: MacAddress, config: UserNameConfig): string {
  const text = writings[config.format](mac);
  return config.case === 'upper' ? text.toUpperCase() : text;
}

const writings: Readonly<Record<MacFormat, (mac: MacAddress) => string>> = {
  'mac-no-separator': (mac) => formatMac(mac, ''),
  'mac-hyphen': (mac) => formatMac(mac, '-'),
  'mac-colon': (mac) => formatMac(mac, ':'),
  'mac-dot': (mac) => formatMac(mac, '').match(/.{4}/g)!.join('.'),
};

/** The user name of a UE toward the AAA server, and its NAI where the profile gives it none. */
export function naiOfMac(mac: MacAddress, config: UserNameConfig): string {
  const text = macText(mac, config);
  return config.realm === undefined ? text : `${text}@${config.realm}`;
}
