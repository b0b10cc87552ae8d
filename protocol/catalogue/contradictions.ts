/** Rules between the columns of one battery. The tables have CHECKs made from the same lists. No zod. */
import type { AmountColumn } from './columns.ts'
import type { formats } from './vocabulary.ts'

type Format = (typeof formats)[number]

/** Pairs that must be in order when both are known; `<` where equal values would make no sense. */
export const orderedPairs = [
  ['minimum_capacity_mah', '<=', 'nominal_capacity_mah'],
  ['discharging_cutoff_voltage_mv', '<', 'nominal_voltage_mv'],
  ['nominal_voltage_mv', '<', 'charging_voltage_mv'],
  ['discharging_cutoff_voltage_mv', '<', 'charging_voltage_mv'],
  ['maximum_continuous_discharging_current_ma', '<=', 'maximum_pulse_discharging_current_ma'],
  ['minimum_charging_temperature_mdegc', '<', 'maximum_charging_temperature_mdegc'],
  ['minimum_discharging_temperature_mdegc', '<', 'maximum_discharging_temperature_mdegc'],
  ['minimum_storage_temperature_mdegc', '<', 'maximum_storage_temperature_mdegc'],
] as const satisfies readonly (readonly [AmountColumn, '<' | '<=', AmountColumn])[]

/** Round cells have a diameter, flat ones a width and a thickness. Other formats may have either. */
export const roundFormats = ['cylindrical', 'coin'] as const satisfies readonly Format[]
export const flatFormats = ['prismatic', 'pouch'] as const satisfies readonly Format[]
export const flatDimensions = ['width_um', 'thickness_um'] as const satisfies readonly AmountColumn[]
export const roundDimensions = ['diameter_um'] as const satisfies readonly AmountColumn[]

export function isRound(format: unknown): boolean {
  return (roundFormats as readonly unknown[]).includes(format)
}

function isFlat(format: unknown): boolean {
  return (flatFormats as readonly unknown[]).includes(format)
}

type Fields = Readonly<Record<string, unknown>>

/** Faults between two fields, each at the field that a person would correct first. */
export function batteryContradictions(battery: Fields): { field: string; detail: string }[] {
  const found: { field: string; detail: string }[] = []
  for (const [low, relation, high] of orderedPairs) {
    const [a, b] = [battery[low], battery[high]]
    if (typeof a !== 'number' || typeof b !== 'number') continue
    if (relation === '<' ? a >= b : a > b) {
      found.push({ field: low, detail: relation === '<' ? `not below ${high}` : `above ${high}` })
    }
  }
  const { format, size_code: size, model } = battery
  const [round, flat] = [isRound(format), isFlat(format)]
  const foreign = round ? flatDimensions : flat ? roundDimensions : []
  for (const field of foreign) {
    if (typeof battery[field] === 'number') found.push({ field, detail: `a ${String(format)} cell has none` })
  }
  if (typeof size !== 'string') return found
  if (flat && /^r\d/i.test(size))
    found.push({ field: 'size_code', detail: `that of a cylinder, not ${String(format)}` })
  const inName = caseSize(typeof model === 'string' ? model : '')
  const inCode = caseSize(size)
  if (inName !== undefined && inCode !== undefined && inName !== inCode) {
    found.push({ field: 'size_code', detail: `the model's name says ${inName}` })
  }
  return found
}

/** The five digits of a common cylindrical size, in a model's name or a size code. */
function caseSize(text: string): string | undefined {
  return /(?<!\d)(10440|14500|16340|16650|17500|17650|17670|18350|18490|18500|18650|20700|21700|22650|26500|26650|26700|26800|32650|32700|46800|46950)(?!\d)/.exec(
    text,
  )?.[1]
}
