/** The mark of a chemistry: a shape as well as a colour, for readers who cannot tell the colours apart and for print. */
import { html } from 'hono/html'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { markKinds, type MarkKind } from '../palette.ts'
import type { Html } from '../layout.ts'

/** Outlines of about 10 units around the origin. */
export const MARK_SHAPES: Readonly<Record<MarkKind, string>> = {
  NMC: 'M0-4.6a4.6 4.6 0 1 0 0 9.2a4.6 4.6 0 1 0 0-9.2z', // disc
  NCA: 'M0-5.6L5.6 0L0 5.6L-5.6 0z', // diamond
  LFP: 'M-4.2-4.2h8.4v8.4h-8.4z', // square
  LCO: 'M0-5.2L5.2 4.2H-5.2z', // triangle
  LMO: 'M0 5.2L5.2-4.2H-5.2z', // triangle, upside down
  LTO: 'M-1.8-5.2h3.6v3.4h3.4v3.6h-3.4v3.4h-3.6v-3.4h-3.4v-3.6h3.4z', // plus
  LMFP: 'M-2.7-5H2.7L5.4 0L2.7 5H-2.7L-5.4 0z', // hexagon
  LNMO: 'M-5.2-2.6L-2.6-5.2L0-2.6L2.6-5.2L5.2-2.6L2.6 0L5.2 2.6L2.6 5.2L0 2.6L-2.6 5.2L-5.2 2.6L-2.6 0z', // cross
  other: 'M0-6L1.6-1.9L5.7-1.9L2.5 .9L3.6 5L0 2.6L-3.6 5L-2.5 .9L-5.7-1.9L-1.6-1.9z', // star
  unknown: 'M0-4.6a4.6 4.6 0 1 0 0 9.2a4.6 4.6 0 1 0 0-9.2zM0-2.6a2.6 2.6 0 1 1 0 5.2a2.6 2.6 0 1 1 0-5.2z', // ring
}

export function markOf(battery: Pick<Battery, 'chemistry'>): MarkKind {
  return battery.chemistry ?? 'unknown'
}

export function markName(kind: MarkKind): string {
  return kind === 'unknown' ? 'not stated' : kind === 'other' ? 'other' : kind
}

/** The shapes, for `<use href="#shape-NMC">`. */
export function markDefinitions(): Html {
  return html`<defs
    >${markKinds.map((kind) => html`<path id="shape-${kind}" fill-rule="evenodd" d="${MARK_SHAPES[kind]}" />`)}</defs
  >`
}

/** The mark beside a word with the same meaning, so hidden from screen readers. */
export function markIcon(kind: MarkKind): Html {
  return html`<svg class="mark mark-${kind}" viewBox="-7 -7 14 14" aria-hidden="true">
    <path fill="currentColor" fill-rule="evenodd" d="${MARK_SHAPES[kind]}" />
  </svg>`
}
