/** The positive number in a var, or `fallback` when the var is absent or anything else. */
export function positiveNumber(text: string | undefined, fallback: number): number {
  const number = Number(text)
  return number > 0 && Number.isFinite(number) ? number : fallback
}
