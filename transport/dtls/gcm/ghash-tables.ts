/** The lookup tables of gcm.wat: products in GHASH's field (NIST SP 800-38D section 6.3), made once for each key. */

const BLOCK_BYTES = 16
const NIBBLES = 2 * BLOCK_BYTES
const NIBBLE_VALUES = 16
const ROW_BYTES = BLOCK_BYTES * NIBBLE_VALUES
const TABLE_BYTES = NIBBLES * ROW_BYTES
const POWERS = 5

/** Size of what `writeGhashTables` fills. */
export const GHASH_TABLES_BYTES = POWERS * TABLE_BYTES

/** x^128 = 1 + x + x^2 + x^7; the first bit of a block is the coefficient of x^0. */
const REDUCTION = 0xe1n << 120n

/** Fills `tables` for H^16, H^8, H^4, H^2 and H in the layout of gcm.wat. `hashKey` is H, 16 bytes. */
export function writeGhashTables(tables: Uint8Array, hashKey: Uint8Array): void {
  const powers = [BigInt(`0x${Buffer.from(hashKey).toString('hex')}`)]
  for (const power of powers) if (powers.length < POWERS) powers.push(multiply(power, power))
  for (const [index, power] of powers.toReversed().entries()) {
    writeTable(tables.subarray(index * TABLE_BYTES, (index + 1) * TABLE_BYTES), power)
  }
}

function writeTable(table: Uint8Array, factor: bigint): void {
  let multiple = factor
  for (let nibble = 0; nibble < NIBBLES; nibble++) {
    const rows = table.subarray(nibble * ROW_BYTES, (nibble + 1) * ROW_BYTES)
    for (let bit = 8; bit > 0; bit >>= 1) {
      writeValue(rows, bit, multiple)
      multiple = timesX(multiple)
    }
    for (let at = 0; at < ROW_BYTES; at += NIBBLE_VALUES) addUp(rows.subarray(at, at + NIBBLE_VALUES))
  }
}

function writeValue(rows: Uint8Array, value: number, product: bigint): void {
  const bytes = Buffer.from(product.toString(16).padStart(2 * BLOCK_BYTES, '0'), 'hex')
  for (let at = 0; at < BLOCK_BYTES; at++) rows[at * NIBBLE_VALUES + value] = bytes[at] ?? 0
}

/** The row of a value with several bits is the sum of the rows of its bits. */
function addUp(row: Uint8Array): void {
  for (let value = 1; value < NIBBLE_VALUES; value++) {
    const lowest = value & -value
    if (value !== lowest) row[value] = (row[lowest] ?? 0) ^ (row[value ^ lowest] ?? 0)
  }
}

function multiply(a: bigint, b: bigint): bigint {
  let product = 0n
  let multiple = b
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= multiple
    multiple = timesX(multiple)
  }
  return product
}

function timesX(block: bigint) {
  return block & 1n ? (block >> 1n) ^ REDUCTION : block >> 1n
}
