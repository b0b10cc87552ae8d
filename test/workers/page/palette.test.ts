/** The page's colours: their contrast, and that no two chemistries look alike. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MARK_SHAPES } from '../../../workers/page/chart/chemistry-marks.ts'
import { markKinds, palettes } from '../../../workers/page/palette.ts'

/** WCAG 2.2, relative luminance of an sRGB colour `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

for (const [name, colours] of Object.entries(palettes)) {
  test(`in the ${name} palette text has a contrast of 4.5, and marks, borders and focus of 3`, () => {
    const { ground, surface, tint, faultTint } = colours
    const texts = [
      ...[ground, surface, tint].flatMap((behind) =>
        [colours.text, colours.muted, colours.accent].map((text) => [text, behind] as const),
      ),
      [colours.onAccent, colours.accent],
      [colours.fault, surface],
      [colours.text, faultTint],
      [colours.accent, faultTint],
    ] as const
    for (const [text, behind] of texts) {
      assert.ok(contrast(text, behind) >= 4.5, `${text} on ${behind}: ${contrast(text, behind).toFixed(2)}`)
    }
    for (const mark of [...Object.values(colours.marks), colours.edge, colours.accent]) {
      assert.ok(contrast(mark, surface) >= 3, `${mark}: ${contrast(mark, surface).toFixed(2)}`)
    }
  })
}

test('every chemistry has its own shape and its own colour', () => {
  assert.equal(new Set(Object.values(MARK_SHAPES)).size, markKinds.length)
  for (const { marks } of Object.values(palettes)) {
    assert.equal(new Set(Object.values(marks)).size, markKinds.length)
  }
})
