/**
 * The octets, cut to at most `lengthMax`: the array itself where nothing is to be cut. A view of a small array, which
 * the JavaScript engine keeps inside the object until somebody asks for its buffer, costs more than a copy of it.
 */
export function cut(bytes: Uint8Array, lengthMax: number): Uint8Array {
  return bytes.length <= lengthMax ? bytes : bytes.subarray(0, lengthMax);
}
