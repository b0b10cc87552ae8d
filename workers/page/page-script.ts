/**
 * What the page adds where scripts run: it leaves empty fields out of addresses, copies the command, and keeps the batteries marked
 * for comparison from one page of a list to the next. Every view works without it. Plain JavaScript, served as written.
 */
import { COMPARE_PATH, MAX_COMPARED } from './view-address.ts'

export const script = `'use strict'
{
  const most = ${MAX_COMPARED}
  const key = 'voltdrop.compare'

  // Empty fields stay out of the address, so that it reads and links well.
  for (const form of document.querySelectorAll('form[data-filters]')) {
    form.addEventListener('formdata', ({ formData }) => {
      for (const [name, value] of [...formData]) if (value === '') formData.delete(name)
    })
  }

  for (const button of document.querySelectorAll('[data-copy]')) {
    const box = button.parentElement
    const source = box.querySelector('[data-copy-source]')
    const status = box.querySelector('[data-copy-status]')
    button.hidden = false
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(source.textContent)
        status.textContent = 'Copied'
        button.textContent = 'Copied'
      } catch {
        // Without permission the text is selected for the reader to copy.
        getSelection().selectAllChildren(source)
        status.textContent = 'Selected; copy it with the keyboard'
      }
    })
    button.addEventListener('blur', () => (button.textContent = 'Copy'))
  }

  // [id, name] of the marked batteries. Kept for this tab; where storage is refused, for this view.
  let marked = []
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    if (Array.isArray(kept)) marked = kept.filter(([id]) => /^\\d+$/.test(id)).slice(0, most)
  } catch {
    marked = []
  }
  const keep = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(marked))
    } catch {
      // The marks last as long as the view.
    }
  }
  const isMarked = (id) => marked.some(([known]) => known === id)
  const compareAddress = () => '${COMPARE_PATH}' + (marked.length ? '?' + marked.map(([id]) => 'id=' + id).join('&') : '')

  const boxes = [...document.querySelectorAll('[data-compare]')]
  const button = document.querySelector('[data-compare-button]')
  const status = document.querySelector('[data-compare-status]')
  const show = () => {
    for (const box of boxes) {
      box.checked = isMarked(box.value)
      box.disabled = !box.checked && marked.length >= most
    }
    for (const count of document.querySelectorAll('[data-compare-count]')) {
      count.textContent = marked.length ? ' ' + marked.length : ''
      count.closest('a').href = compareAddress()
    }
    if (!button) return
    button.disabled = marked.length === 0
    status.textContent = marked.length
      ? marked.map(([, name]) => name).join(' · ') + (marked.length === most ? ' (that is all that fit)' : '')
      : 'Mark up to ' + most
  }
  for (const box of boxes) {
    box.addEventListener('change', () => {
      marked = marked.filter(([id]) => id !== box.value)
      if (box.checked && marked.length < most) marked.push([box.value, box.dataset.compare])
      keep()
      show()
    })
  }
  document.querySelector('[data-compare-form]')?.addEventListener('submit', (event) => {
    event.preventDefault()
    location.assign(compareAddress())
  })
  for (const link of document.querySelectorAll('[data-compare-add]')) {
    const id = link.dataset.compareAdd
    if (!isMarked(id) && marked.length < most) {
      link.addEventListener('click', () => {
        marked.push([id, link.dataset.compareName])
        link.href = compareAddress()
        keep()
      })
    }
  }
  for (const link of document.querySelectorAll('[data-compare-remove]')) {
    link.addEventListener('click', () => {
      marked = marked.filter(([id]) => id !== link.dataset.compareRemove)
      keep()
    })
  }
  // A comparison that was opened by its address replaces what was marked.
  const compared = [...document.querySelectorAll('[data-compare-remove]')]
  if (compared.length) {
    marked = compared.map((link) => [link.dataset.compareRemove, link.dataset.compareName])
    keep()
  }
  addEventListener('pageshow', show)
  show()
}
`
