/** The closed sets of the catalogue's columns. The interface has the same ones (protocol/catalogue/vocabulary.ts); a test compares them. */

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
