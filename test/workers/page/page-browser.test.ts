/** The page in a real browser: with and without scripts, by keyboard, at several widths, light and dark. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { palettes } from '../../../workers/page/palette.ts'
import { noBrowser, startBrowser, type TestBrowser } from '../../support/browser.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'

const views = [
  '/',
  '/?chemistry=LFP&sort=mass_mg&min_mass_mg=1000',
  '/view/products',
  '/view/batteries/1',
  '/view/products/1',
  '/compare?id=1&id=40&id=60',
  '/compare',
  '/?chemistry=lead',
]

let edge: Edge
let browser: TestBrowser | undefined

before(async () => {
  if (noBrowser !== false) return
  ;[edge, browser] = await Promise.all([catalogueEdge(), startBrowser()])
})
after(async () => {
  if (noBrowser !== false) return
  await browser?.close()
  await edge.close()
})

let plainContext: Promise<BrowserContext> | undefined

/** A context costs half a second of CPU: pages without options of their own share one. */
async function contextFor(options: BrowserContextOptions): Promise<BrowserContext> {
  assert.ok(browser)
  if (Object.keys(options).length > 0) return browser.newContext({ baseURL: edge.url, ...options })
  plainContext ??= browser.newContext({ baseURL: edge.url })
  return plainContext
}

/** Runs `use` with a new page; any error that the browser reports meanwhile fails the test. */
async function withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await contextFor(options)
  const page = await context.newPage()
  try {
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      // The console reports the 422 of a refused view.
      if (message.type() === 'error' && !message.text().includes('422')) errors.push(message.text())
    })
    await use(page)
    assert.deepEqual(errors, [])
  } finally {
    await page.close()
    if (context !== (await plainContext)) await context.close()
  }
}

/** The value of an expression in the page. */
function evaluate<Answer>(page: Page, expression: string) {
  return page.evaluate<Answer>(expression)
}
const inBrowser = { skip: noBrowser }

test('without scripts batteries can be filtered, paged through, compared and opened', inBrowser, () =>
  withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto('/')
    for (const way of [/Next/, /Previous/]) {
      const loaded = page.waitForEvent('load')
      await page.getByRole('link', { name: way }).click()
      await loaded
    }
    await page.getByLabel('Chemistry', { exact: true }).selectOption('LTO')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL('**/?chemistry=LTO')
    const rows = page.locator('.listing tbody tr')
    const count = await rows.count()
    assert.ok(count > 5)
    assert.equal(await rows.filter({ hasText: 'LTO' }).count(), count)
    await rows.nth(0).getByRole('checkbox').check()
    await rows.nth(1).getByRole('checkbox').check()
    await page.getByRole('button', { name: /Compare/ }).click()
    await page.waitForURL(/\/compare\?id=\d+&id=\d+$/)
    assert.equal(await page.locator('.compare thead th').count(), 2)
    await page.locator('.compare thead th a').first().click()
    await page.getByRole('heading', { name: 'Transport by air' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Copy' }).count(), 0)
  }),
)

test('with scripts a form leaves out empty fields and converts readable units', inBrowser, () =>
  withPage({}, async (page) => {
    await page.goto('/')
    await page.getByLabel('Search').fill('samsung')
    await page.getByText('More filters').click()
    await page.getByRole('group', { name: /^Mass/ }).getByLabel('to').fill('47,5')
    await page.getByLabel('Search').press('Enter')
    await page.waitForURL('**/?q=samsung&max_mass_mg=47500')
    assert.ok((await page.locator('.listing tbody tr').count()) > 2)
    assert.equal(await page.getByRole('group', { name: /^Mass/ }).getByLabel('to').inputValue(), '47.5')
  }),
)

test('up to four batteries stay marked from page to page, and their names are announced', inBrowser, () =>
  withPage({}, async (page) => {
    await page.goto('/')
    const boxes = page.getByRole('checkbox')
    assert.equal(await page.getByRole('button', { name: /Compare/ }).isDisabled(), true)
    for (const at of [0, 1, 2]) await boxes.nth(at).check()
    await page.getByRole('link', { name: /Next/ }).click()
    await page.waitForURL('**cursor=**')
    await boxes.nth(0).check()
    assert.equal(await boxes.nth(1).isDisabled(), true)
    assert.match((await page.locator('[data-compare-status]').textContent()) ?? '', /LG Chem.*all that fit/)
    await page.getByRole('button', { name: /Compare/ }).click()
    await page.waitForURL('**/compare?id=1&id=2&id=3&id=26')
    await page
      .getByRole('link', { name: /^Remove/ })
      .first()
      .click()
    await page.waitForURL('**/compare?id=2&id=3&id=26')
    await page.getByRole('link', { name: 'Batteries' }).click()
    await page.waitForURL('**/')
    assert.deepEqual(await Promise.all([0, 1, 2].map((at) => boxes.nth(at).isChecked())), [false, true, true])
  }),
)

test('the command can be copied, and that is announced', inBrowser, () =>
  withPage({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.goto('/?chemistry=LFP')
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.locator('[data-copy-status]', { hasText: 'Copied' }).waitFor({ state: 'attached' })
    const copied = await evaluate<string>(page, 'navigator.clipboard.readText()')
    assert.equal(copied, `voltdrop send --batteries --chemistry LFP --edge ${edge.url}`)
  }),
)

test('by keyboard the first link skips to the content, and a search needs no mouse', inBrowser, () =>
  withPage({}, async (page) => {
    await page.goto('/')
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the content' })
    assert.equal(await skip.evaluate((link) => link === link.ownerDocument.activeElement), true)
    assert.ok(((await skip.boundingBox())?.y ?? -1) >= 0)
    await page.keyboard.press('Enter')
    assert.equal(await evaluate(page, 'document.activeElement.id'), 'main')
    await page.keyboard.press('Tab')
    assert.equal(await evaluate(page, 'document.activeElement.name'), 'q')
    assert.notEqual(await evaluate(page, 'getComputedStyle(document.activeElement).outlineStyle'), 'none')
    await page.keyboard.type('toshiba')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/?q=toshiba')
  }),
)

/** Accessibility faults that can be seen in the document. */
const faultsOfDocument = `(() => {
  const faults = []
  const named = (e) => e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
  for (const e of document.querySelectorAll('input:not([type=hidden]), select')) if (!named(e)) faults.push('no label: ' + e.name)
  for (const e of document.querySelectorAll('a, button, summary')) {
    if (!e.textContent.trim() && !named(e) && !e.querySelector('title')) faults.push('no name: ' + e.outerHTML)
  }
  for (const e of document.querySelectorAll('svg')) {
    if (e.getAttribute('aria-hidden') !== 'true' && !(e.getAttribute('role') === 'img' && named(e))) faults.push('svg')
  }
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map((e) => Number(e.tagName[1]))
  if (levels.filter((l) => l === 1).length !== 1) faults.push('h1: ' + levels)
  if (levels.some((l, i) => i > 0 && l > levels[i - 1] + 1)) faults.push('levels: ' + levels)
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
  if (new Set(ids).size !== ids.length) faults.push('ids: ' + ids)
  for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby]')) {
    const refs = [e.getAttribute('aria-labelledby'), e.getAttribute('aria-describedby')].join(' ').trim().split(/\\s+/)
    for (const id of refs) if (!document.getElementById(id)) faults.push('no such id: ' + id)
  }
  for (const e of document.querySelectorAll('table')) {
    if (!e.caption || e.querySelectorAll('thead th:not([scope])').length) faults.push('table')
  }
  for (const landmark of ['header', 'nav[aria-label]', 'main', 'footer']) if (!document.querySelector(landmark)) faults.push(landmark)
  if (!document.documentElement.lang || !document.title) faults.push('language or title')
  return faults
})()`

test('every view is labelled, has ordered headings, and is no wider than the screen', inBrowser, () =>
  withPage({}, async (page) => {
    for (const path of views) {
      await page.goto(path)
      assert.deepEqual(await evaluate(page, faultsOfDocument), [], path)
      for (const width of [320, 390, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        const taken = await evaluate<number>(page, 'document.documentElement.scrollWidth')
        assert.ok(taken <= width, `${path} takes ${taken} of ${width}`)
      }
    }
  }),
)

test("the page is light or dark by the reader's setting", inBrowser, () =>
  withPage({}, async (page) => {
    await page.goto('/compare')
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const seen = await evaluate<string>(page, 'getComputedStyle(document.body).backgroundColor')
      const hex = [...seen.matchAll(/\d+/g)].map(([part]) => Number(part).toString(16).padStart(2, '0'))
      assert.equal(`#${hex.join('')}`, palettes[colorScheme].ground)
    }
  }),
)

test('on a phone the rows come before the chart, and the filters are folded', inBrowser, () =>
  withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
    const chemistry = page.getByLabel('Chemistry', { exact: true })
    await page.goto('/')
    assert.equal(await chemistry.isVisible(), false)
    await page.getByText('Filters and order').click()
    assert.equal(await chemistry.isVisible(), true)
    const [rows, chart] = await Promise.all(
      ['.listing', '.chart'].map((part) => page.locator(part).boundingBox()),
    )
    assert.ok((rows?.y ?? 0) < (chart?.y ?? 0))
    await page.getByText('Filters and order').click()
    await page.setViewportSize({ width: 1280, height: 800 })
    assert.equal(await chemistry.isVisible(), true)
  }),
)
