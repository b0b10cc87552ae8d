/** CPace against the published test vectors, and every share that must be refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ristretto255 } from '@noble/curves/ed25519.js'
import { lengthValue, refuseIdentity, startCpace } from '../../../protocol/meeting/cpace.ts'
import type { CpaceInput } from '../../../protocol/meeting/cpace.ts'

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}
function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** draft-irtf-cfrg-cpace-21, appendix B.3: group ristretto255, hash SHA-512. */
const vector = {
  PRS: '50617373776F7264',
  CI: '0B415F696E69746961746F720B425F726573706F6E646572',
  sid: '7E4B4791D6A8EF019B936C79FB7F2C57',
  ya: 'DA3D23700A9E5699258AEF94DC060DFDA5EBB61F02A5EA77FAD53F4FF0976D08',
  ADa: '414461',
  Ya: 'D6BAC480F2C386C394EFC7C47ADB9925DCD2630B64F240C50F8D0EEC482B9157',
  yb: 'D2316B454718C35362D83D69DF6320F38578ED5984651435E2949762D900B80D',
  ADb: '414462',
  Yb: '3EA7E0B19560D7C0B0F5734F63B955286DFA8232B5EBE63324E2D9E7433F7258',
  ISK: 'B69EFFBF61B51D56401C0F65601ABE428DE8206FEAAF0E32198896DCAE7B35CD2B38950A39DFD5D4A79164614C2984F7DAA460B588C1E80C3FA2068AF7900447',
}

/** Appendix B.3.10 and B.3.11: a valid element, an octet string that is none, and the neutral element. */
const validElement = '2C3C6B8C4F3800E7AEF6864025B4ED79BD599117E427C41BD47D93D654B4A51C'
const invalidElements = {
  'no element at all': '2B3C6B8C4F3800E7AEF6864025B4ED79BD599117E427C41BD47D93D654B4A51C',
  'the neutral element': '0000000000000000000000000000000000000000000000000000000000000000',
}

const a: CpaceInput = {
  role: 'initiator',
  password: hex(vector.PRS),
  channelId: hex(vector.CI),
  sessionId: hex(vector.sid),
  associated: hex(vector.ADa),
  random: () => hex(vector.ya),
}
const b: CpaceInput = { ...a, role: 'responder', associated: hex(vector.ADb), random: () => hex(vector.yb) }

function run(inputA: CpaceInput, inputB: CpaceInput) {
  const [sideA, sideB] = [startCpace(inputA), startCpace(inputB)]
  return [sideA.finish(sideB.share, inputB.associated), sideB.finish(sideA.share, inputA.associated)] as const
}

function fresh(input: CpaceInput): CpaceInput {
  const { random: _, ...rest } = input
  return rest
}

test('shares and key equal the test vectors of the draft', () => {
  assert.deepEqual(startCpace(a).share, hex(vector.Ya))
  assert.deepEqual(startCpace(b).share, hex(vector.Yb))
  const [resultA, resultB] = run(a, b)
  assert.deepEqual(resultA.isk, hex(vector.ISK))
  assert.deepEqual(resultB.isk, hex(vector.ISK))
})

test("each side accepts the other side's confirmation and no other", () => {
  const [resultA, resultB] = run(fresh(a), fresh(b))
  assert.ok(resultA.verify(resultB.ownTag))
  assert.ok(resultB.verify(resultA.ownTag))
  assert.ok(!resultA.verify(resultA.ownTag), 'its own, sent back')
  assert.ok(!resultA.verify(resultB.ownTag.subarray(0, 63)), 'cut short')
  assert.ok(!resultA.verify(new Uint8Array(64)), 'zeros')
  assert.ok(!resultA.verify(new Uint8Array(0)), 'nothing')
})

test('any difference between the two sides gives different keys and a failed confirmation', () => {
  const differences: Partial<CpaceInput>[] = [
    { password: utf8('copper-lantern') },
    { channelId: utf8('another room') },
    { sessionId: new Uint8Array(16) },
    { role: 'initiator' },
  ]
  for (const difference of differences) {
    const [resultA, resultB] = run(fresh(a), { ...fresh(b), ...difference })
    assert.notDeepEqual(resultA.isk, resultB.isk)
    assert.ok(!resultA.verify(resultB.ownTag), Object.keys(difference).join())
  }
})

test('associated data that was changed in transit fails the confirmation', () => {
  const [sideA, sideB] = [startCpace(fresh(a)), startCpace(fresh(b))]
  const resultB = sideB.finish(sideA.share, utf8('changed'))
  assert.ok(!sideA.finish(sideB.share, b.associated).verify(resultB.ownTag))
})

test('a share that is not a group element, or the neutral one, is refused', () => {
  for (const [name, element] of Object.entries(invalidElements)) {
    assert.throws(() => startCpace(a).finish(hex(element), b.associated), { code: 'wrong_code' }, name)
  }
  startCpace(a).finish(hex(validElement), b.associated)
})

test('the neutral element is refused after decoding and after multiplication, where the curve library accepts it', () => {
  const decoded = ristretto255.Point.fromBytes(new Uint8Array(32))
  const product = decoded.multiply(5n)
  for (const neutral of [decoded, product, ristretto255.Point.ZERO]) {
    assert.throws(() => refuseIdentity(neutral), { code: 'wrong_code' })
  }
  assert.equal(refuseIdentity(ristretto255.Point.BASE), ristretto255.Point.BASE)
})

test('a share that is not 32 bytes long is refused', () => {
  for (const length of [0, 31, 33, 64]) {
    assert.throws(() => startCpace(a).finish(new Uint8Array(length).fill(1), b.associated), {
      code: 'wrong_code',
    })
  }
})

test("a side's own share sent back to it is refused", () => {
  const side = startCpace(fresh(a))
  assert.throws(() => side.finish(side.share.slice(), a.associated), { code: 'wrong_code' })
})

test('a CPace run can be used once, whether its first share was valid or not', () => {
  for (const share of [vector.Yb, invalidElements['the neutral element']]) {
    const state = startCpace(a)
    try {
      state.finish(hex(share), b.associated)
    } catch {
      // An invalid share is refused; the second call is what is tested.
    }
    assert.throws(() => state.finish(hex(vector.Yb), b.associated), { code: 'internal' })
  }
})

test('a random source that returns zeros is an error', () => {
  assert.throws(() => startCpace({ ...a, random: (length) => new Uint8Array(length) }), { code: 'internal' })
})

test('two runs with the same words have different shares and keys', () => {
  assert.notDeepEqual(startCpace(fresh(a)).share, startCpace(fresh(a)).share)
})

test('lengths are LEB128, so a field of 128 bytes has two length bytes', () => {
  // Appendix A.1.2 and A.1.4.
  assert.deepEqual(lengthValue(utf8('1234')), hex('0431323334'))
  assert.deepEqual(lengthValue(new Uint8Array(127)).subarray(0, 2), hex('7f00'))
  assert.deepEqual(lengthValue(new Uint8Array(128)).subarray(0, 3), hex('800100'))
  assert.deepEqual(
    lengthValue(utf8('1234'), utf8('5'), utf8(''), utf8('678')),
    hex('043132333401350003363738'),
  )
})
