/**
 * Text on the wire. NAIs, APNs and host names are ASCII or UTF-8; the core has no TextDecoder, and invalid UTF-8 must
 * come out as something that can be logged, so this decoder maps an invalid octet to U+FFFD.
 *
 * @param from where in `bytes` the text begins
 * @param end where it ends
 */
export function utf8Decode(bytes: Uint8Array, from = 0, end = bytes.length): string {
  const length = Math.max(end - from, 0);
  if (length > textArgumentsMax) return decodeAny(bytes.subarray(from, end));
  // Nearly all texts are short and ASCII; an argument list of their octets is the fastest way to a string.
  const codes = codesOf(length);
  for (let index = 0; index < length; index += 1) {
    const octet = bytes[from + index]!;
    if (octet > 0x7f) return decodeAny(bytes.subarray(from, end));
    codes[index] = octet;
  }
  return String.fromCharCode.apply(null, codes);
}

/** Longest text that is passed to String.fromCharCode as arguments at once; longer ones take the general way. */
const textArgumentsMax = 256;

/** One list of each length, written anew for each text: in a million texts, lists would be most of what is left behind. */
const codeLists: (number[] | undefined)[] = [];

function codesOf(length: number): number[] {
  codeLists[length] ??= new Array<number>(length).fill(0);
  return codeLists[length];
}

function decodeAny(bytes: Uint8Array): string {
  let text = '';
  let index = 0;
  while (index < bytes.length) {
    const first = bytes[index]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      index += 1;
      continue;
    }
    const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    const minimum = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
    let point = length === 0 ? -1 : first & (0xff >> (length + 1));
    for (let next = 1; next < length && point >= 0; next += 1) {
      const octet = bytes[index + next] ?? 0;
      point = (octet & 0xc0) === 0x80 ? (point << 6) | (octet & 0x3f) : -1;
    }
    const valid = point >= minimum && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) && first < 0xf5;
    text += valid ? String.fromCodePoint(point) : '\ufffd';
    index += valid ? length : 1;
  }
  return text;
}

/** UTF-8 of a text (RFC 3629). Half of a surrogate pair, which is no character, becomes three octets that no reader takes. */
export function utf8Encode(text: string): Uint8Array {
  const ascii = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return encodeBeyondAscii(text);
    ascii[index] = unit;
  }
  return ascii;
}

function encodeBeyondAscii(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) octets.push(point);
    else if (point < 0x800) octets.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) octets.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else {
      octets.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f));
      octets.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    }
  }
  return Uint8Array.from(octets);
}

const hexOctets: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Octets as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) text += hexOctets[bytes[at]!]!;
  return text;
}

/** Reads hexadecimal digits, white space allowed between octets. Throws on anything else: for digits that are known to be right. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
