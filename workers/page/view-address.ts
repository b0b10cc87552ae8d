/** The addresses of the views. The list of batteries is `/`. */

export const PRODUCT_LIST_PATH = '/view/products'
export const COMPARE_PATH = '/compare'

/** As many batteries are compared as fit beside each other on a common screen. */
export const MAX_COMPARED = 4

export function batteryAddress(id: number): string {
  return `/view/batteries/${id}`
}

export function productAddress(id: number): string {
  return `${PRODUCT_LIST_PATH}/${id}`
}

export function compareAddress(ids: readonly number[]): string {
  return ids.length === 0 ? COMPARE_PATH : `${COMPARE_PATH}?${ids.map((id) => `id=${id}`).join('&')}`
}
