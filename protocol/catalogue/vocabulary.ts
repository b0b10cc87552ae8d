/**
 * The catalogue's vocabulary: its resources, the closed sets of its columns, and the formats and digest of an export.
 * No zod: the command line reads these lists at start-up.
 */

export const categories = [
  'lithium_ion_cell',
  'lithium_ion_pack',
  'sodium_ion',
  'nickel_metal_hydride',
  'nickel_cadmium',
  'lead_acid',
  'alkaline',
  'lithium_primary',
  'zinc_air',
  'silver_oxide',
  'charger',
  'accessory',
  'other',
] as const
export const statuses = ['active', 'not_recommended', 'end_of_life', 'unknown'] as const
/** How far a row has been checked: against the maker's data sheet, taken from a compilation that cites it, or not at all. */
export const verifications = ['datasheet', 'secondary', 'unverified'] as const
export const kinds = ['cell', 'pack'] as const
export const chemistries = ['NMC', 'NCA', 'LFP', 'LCO', 'LMO', 'LTO', 'LMFP', 'LNMO', 'other'] as const
export const formats = ['cylindrical', 'prismatic', 'pouch', 'coin', 'other'] as const

/** The category of the product as which a battery of this kind is sold. */
export const categoryOfKind = {
  cell: 'lithium_ion_cell',
  pack: 'lithium_ion_pack',
} as const satisfies Record<(typeof kinds)[number], (typeof categories)[number]>

/** What `as=` of an export takes. */
export const exportFormats = ['csv', 'ndjson', 'json'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** The catalogue's lists, each at the path of its name. */
export const resources = ['products', 'batteries'] as const
export type Resource = (typeof resources)[number]

/** Header of the catalogue's responses: the revision that they show, in decimal. */
export const REVISION_HEADER = 'catalogue-revision'

/** What proves an export: CRC-32 (8 hex digits) and SHA-256 (64 hex digits) over `bytes` bytes. */
export type ExportDigest = {
  readonly revision: number
  readonly rows: number
  readonly bytes: number
  readonly crc32: string
  readonly sha256: string
}

/** The last line of an NDJSON export; its digest covers every byte before that line. */
export type ExportEnd = { readonly end: ExportDigest }
