/** The outline of a cell or pack to scale, seen from the front, with its dimensions. */
import { html } from 'hono/html'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import type { Html } from '../layout.ts'
import { readable } from '../measures.ts'

type Sized = Pick<Battery, 'format' | 'diameter_um' | 'width_um' | 'height_um' | 'thickness_um'>

/** The front of a battery: diameter or width by height. Undefined when one of them is not known. */
function front(battery: Sized): { widthMm: number; heightMm: number } | undefined {
  const width = battery.diameter_um ?? battery.width_um
  const height = battery.height_um
  return width === null || height === null ? undefined : { widthMm: width / 1000, heightMm: height / 1000 }
}

/** The longest side of these batteries in mm, the common scale of drawings that are compared. */
export function longestSideMm(batteries: readonly Sized[]): number {
  return Math.max(1, ...batteries.map(front).flatMap((size) => (size ? [size.widthMm, size.heightMm] : [])))
}

/** Length of the longest side in drawing units. */
const SIDE = 150

/** A drawing at the scale at which `longestMm` fills it; empty when the size is not known. */
export function sizeDrawing(battery: Sized, longestMm: number): Html | string {
  const size = front(battery)
  if (size === undefined) return ''
  const scale = SIDE / longestMm
  const [width, height] = [size.widthMm * scale, size.heightMm * scale]
  const isRound = battery.diameter_um !== null
  const [x, y] = [(SIDE - width) / 2 + 30, SIDE - height + 12]
  const corner = Math.min(isRound ? 5 : 3, width / 4, height / 4)
  const wide = readable('width_um', Math.round(size.widthMm * 1000))
  const high = readable('height_um', Math.round(size.heightMm * 1000))
  const label = `${isRound ? `diameter ${wide} mm` : `width ${wide} mm`}, height ${high} mm`
  return html`<svg class="outline" viewBox="0 0 210 200" role="img" aria-label="Outline to scale: ${label}">
    ${isRound && height > 20 ? html`<rect class="cap" x="${x + width * 0.35}" y="${y - 3}" width="${width * 0.3}" height="5" rx="1" />` : ''}
    <rect class="can" x="${x}" y="${y}" width="${width}" height="${height}" rx="${corner}" />
    <path class="measure" d="M${x} ${SIDE + 22}h${width}M${x} ${SIDE + 19}v6M${x + width} ${SIDE + 19}v6" />
    <text x="${x + width / 2}" y="${SIDE + 40}" text-anchor="middle">${isRound ? '⌀ ' : ''}${wide}</text>
    <path class="measure" d="M${x - 9} ${y}v${height}M${x - 12} ${y}h6M${x - 12} ${y + height}h6" />
    <text x="${x - 15}" y="${y + height / 2}" dy=".35em" text-anchor="end">${high}</text>
  </svg>`
}
