/** The colours of the page, light and dark. test/workers/page/palette.test.ts checks their contrast. */
import { chemistries } from '../../protocol/catalogue/vocabulary.ts'

/** The kinds of marks in the chart: the chemistries, and `unknown`. */
export const markKinds = [...chemistries, 'unknown'] as const
export type MarkKind = (typeof markKinds)[number]

type Palette = {
  /** Background of the page. */
  readonly ground: string
  /** Background of cards, tables and fields. */
  readonly surface: string
  readonly text: string
  /** Secondary text. */
  readonly muted: string
  /** Thin separators. */
  readonly line: string
  /** Borders of input fields. */
  readonly edge: string
  /** Links, selection, focus. */
  readonly accent: string
  /** Text on the accent. */
  readonly onAccent: string
  /** Background of what is selected. */
  readonly tint: string
  readonly fault: string
  readonly faultTint: string
  readonly marks: Readonly<Record<MarkKind, string>>
}

export const palettes: { readonly light: Palette; readonly dark: Palette } = {
  light: {
    ground: '#f7f6f3',
    surface: '#ffffff',
    text: '#1b2126',
    muted: '#586169',
    line: '#e5e2dc',
    edge: '#868d93',
    accent: '#0b6656',
    onAccent: '#ffffff',
    tint: '#e6f1ee',
    fault: '#a32020',
    faultTint: '#fbeaea',
    marks: {
      NMC: '#2867d1',
      NCA: '#8447c9',
      LFP: '#17803f',
      LCO: '#c24e0c',
      LMO: '#94690a',
      LTO: '#c42a66',
      LMFP: '#0b7e8c',
      LNMO: '#7c5836',
      other: '#4b535b',
      unknown: '#6f7780',
    },
  },
  dark: {
    ground: '#121517',
    surface: '#1a1e21',
    text: '#e9ecee',
    muted: '#a3acb3',
    line: '#2b3136',
    edge: '#78828a',
    accent: '#63cbb4',
    onAccent: '#0c1715',
    tint: '#1b322d',
    fault: '#ff9c93',
    faultTint: '#3a1f1e',
    marks: {
      NMC: '#82b1ff',
      NCA: '#c6a0ff',
      LFP: '#63d391',
      LCO: '#ff9d61',
      LMO: '#e2bd4d',
      LTO: '#ff8ab1',
      LMFP: '#62d2df',
      LNMO: '#cfaa84',
      other: '#c3cad0',
      unknown: '#98a1a9',
    },
  },
}

function declarations({ marks, ...colours }: Palette): string {
  return [
    ...Object.entries(colours),
    ...Object.entries(marks).map(([kind, colour]) => [`mark-${kind}`, colour]),
  ]
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ')
}

/** The palettes as custom properties, the dark one by the reader's system setting, and a rule for each mark. */
export const paletteCss = `:root { color-scheme: light dark; ${declarations(palettes.light)} }
@media (prefers-color-scheme: dark) { :root { ${declarations(palettes.dark)} } }
${markKinds.map((kind) => `.mark-${kind} { color: var(--mark-${kind}); }`).join('\n')}
`
