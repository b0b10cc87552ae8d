/** The style sheet of all views: for narrow screens first, light or dark by the reader's system setting. */
import { paletteCss } from './palette.ts'

export const style = `${paletteCss}
*, *::before, *::after { box-sizing: border-box; }
html { text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.2; margin: 0; text-wrap: balance; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.3rem); font-weight: 650; letter-spacing: -0.022em; }
h2 { font-size: 1.06rem; font-weight: 620; letter-spacing: -0.008em; }
h3 { font-size: 0.95rem; font-weight: 620; }
p { margin: 0; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.frame-width { width: min(100% - 2rem, 78rem); margin-inline: auto; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.muted, .unit { color: var(--muted); }
.unit { font-weight: 400; font-size: 0.88em; white-space: nowrap; }
.none { color: var(--muted); }
.skip { position: absolute; left: 1rem; top: -4rem; padding: 0.6rem 1rem; background: var(--accent); color: var(--onAccent); border-radius: 0 0 8px 8px; z-index: 2; }
.skip:focus { top: 0; }

.top { background: var(--surface); border-bottom: 1px solid var(--line); }
.top > div { display: flex; flex-wrap: wrap; align-items: center; column-gap: 2rem; padding-block: 0.35rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 680; font-size: 1.1rem; letter-spacing: -0.02em; color: var(--text); text-decoration: none; padding-block: 0.5rem; }
.logo { width: 1.55rem; height: 1.55rem; color: var(--accent); }
.logo-bolt { fill: var(--surface); }
.top nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; margin: 0 0 0 -0.7rem; padding: 0; }
.top nav a { display: block; padding: 0.5rem 0.7rem; border-radius: 8px; color: var(--muted); text-decoration: none; font-size: 0.95rem; }
.top nav a:hover { color: var(--text); background: var(--ground); }
.top nav a[aria-current] { color: var(--accent); font-weight: 600; }
[data-compare-count]:not(:empty) { font-weight: 650; }

main { padding-block: clamp(1.4rem, 3vw, 2.6rem) 3rem; }
.heading { margin-bottom: 1.5rem; }
.lead { color: var(--muted); max-width: 80ch; margin-top: 0.45rem; text-wrap: pretty; }
.trail { font-size: 0.92rem; margin-bottom: 0.8rem; }
.trail::before { content: "← " / ""; color: var(--muted); }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 1.15rem 1.25rem; }
.columns { display: grid; gap: 1.25rem; }
.columns > * { min-width: 0; }
.body { display: grid; gap: 1.25rem; align-content: start; }
.body > * { min-width: 0; }

.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0.85rem; }
.field { display: grid; gap: 0.25rem; min-width: 0; align-content: start; }
.field label, legend { font-size: 0.86rem; color: var(--muted); padding: 0; }
.search { margin-bottom: 0.85rem; }
.range { border: 0; margin: 0; padding: 0; min-width: 0; grid-column: 1 / -1; display: grid; grid-template-columns: 1fr 1fr; column-gap: 0.85rem; row-gap: 0.1rem; }
.range legend { color: var(--text); font-weight: 550; margin-bottom: 0.15rem; }
input:not([type="checkbox"]), select {
  width: 100%; min-height: 2.6rem; padding: 0.35rem 0.65rem; font: inherit; font-size: 1rem; color: inherit;
  background: var(--surface); border: 1px solid var(--edge); border-radius: 8px;
}
[aria-invalid] { border-color: var(--fault) !important; border-width: 2px !important; }
.fault { color: var(--fault); font-size: 0.86rem; }
input[type="checkbox"] { width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--accent); vertical-align: middle; }
.whole { grid-column: 1 / -1; }
.fold > summary + .fields { margin-top: 0.85rem; }
.fold .view { grid-template-columns: 1fr 5.2rem; }
.fold .more, .fold .view { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 0.9rem; }
.more .fields { margin-top: 0.8rem; }
summary { cursor: pointer; color: var(--accent); font-weight: 550; font-size: 0.95rem; padding-block: 0.15rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.1rem; margin-top: 1.1rem; }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.6rem; padding: 0.35rem 1.05rem; font: inherit; font-weight: 570; font-size: 0.95rem;
  color: var(--accent); background: var(--surface); border: 1px solid var(--edge); border-radius: 8px; cursor: pointer; text-decoration: none;
}
button:not(.primary):hover, .button:not(.primary):hover { background: var(--tint); }
.primary { color: var(--onAccent); background: var(--accent); border-color: var(--accent); }
.primary:hover { filter: brightness(1.12); }
button:disabled { color: var(--muted); border-color: var(--line); cursor: default; background: none; }
[hidden] { display: none !important; }

.found { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; min-height: 1.6rem; }
.chips { display: flex; flex-wrap: wrap; gap: 0.45rem; list-style: none; margin: 0; padding: 0; }
.chips a { display: inline-flex; gap: 0.4rem; align-items: center; padding: 0.2rem 0.75rem; border-radius: 99px; background: var(--tint); color: var(--text); text-decoration: none; font-size: 0.9rem; max-width: 100%; }
.chips a:hover { text-decoration: line-through; }
.notice { border: 1px solid var(--line); border-left: 4px solid var(--accent); background: var(--surface); border-radius: 8px; padding: 0.8rem 1rem; margin-bottom: 1.25rem; }
.fault-notice { border-left-color: var(--fault); background: var(--faultTint); }
.notice ul { margin: 0.3rem 0 0; padding-left: 1.2rem; }
.empty { text-align: center; padding-block: 3rem; }

.listing { padding: 0; overflow: hidden; }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; width: 100%; font-size: 0.95rem; }
th, td { text-align: left; vertical-align: top; padding: 0.62rem 0.7rem; font-weight: 400; }
thead th { font-size: 0.84rem; color: var(--muted); font-weight: 560; vertical-align: bottom; border-bottom: 1px solid var(--line); }
thead th a { color: inherit; text-decoration: underline dotted; display: inline-block; }
thead th a:hover { color: var(--text); text-decoration-style: solid; }
thead th[aria-sort] { color: var(--accent); }
thead .unit { display: block; font-size: 0.95em; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody tr:hover > * { background: color-mix(in srgb, var(--tint) 45%, transparent); }
td.number { white-space: nowrap; }
.number { text-align: right; }
td.nowrap { white-space: nowrap; }
.pick { width: 2.4rem; padding-right: 0; }
.under bdi { white-space: nowrap; }
.under { display: block; color: var(--muted); font-size: 0.88rem; }
tbody th > a { font-weight: 570; text-decoration: none; }
tbody th > a:hover { text-decoration: underline; }
td.wide, th.wide, .narrow { white-space: nowrap; }
.mark { width: 0.85rem; height: 0.85rem; margin-right: 0.4rem; vertical-align: -0.06em; overflow: visible; }
.listing-foot { display: flex; flex-wrap: wrap; gap: 0.8rem 1.5rem; align-items: center; justify-content: space-between; padding: 0.9rem 1.1rem; border-top: 1px solid var(--line); }
.listing-foot > div { display: flex; flex-wrap: wrap; gap: 0.4rem 0.9rem; align-items: center; font-size: 0.92rem; }
.listing-foot:empty { display: none; }
.pager { display: flex; gap: 0.5rem; margin-left: auto; }
.step { padding: 0.45rem 0.85rem; border-radius: 8px; font-size: 0.95rem; text-decoration: none; border: 1px solid var(--line); }
a.step:hover { background: var(--tint); }
.step.off { color: var(--muted); opacity: 0.5; }

.chart .frame { margin: 0.5rem 0.6rem 2.2rem 2.7rem; }
.plot { display: block; width: 100%; height: clamp(15rem, 26vw, 18rem); overflow: visible; }
.plot .grid line { stroke: var(--line); }
.plot .labels text { fill: var(--muted); font-size: 0.8rem; }
.plot .points path, .plot use { fill: currentColor; stroke: var(--surface); stroke-width: 0.8; }
.plot .points a { opacity: 0.88; }
.plot .points a:hover { opacity: 1; }
.plot .points a:hover use { stroke: var(--text); stroke-width: 1.6; }
.axis-title { color: var(--muted); font-size: 0.86rem; margin-top: 0.9rem; }
.axis-title.end { text-align: right; margin: -0.5rem 0 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; list-style: none; margin: 0.9rem 0; padding: 0; font-size: 0.92rem; }
.legend .count { color: var(--muted); font-size: 0.88em; }
.chart-table table { margin-top: 0.5rem; }

.download h2 + p, .download h3 + p, .chart h2 + p { margin-top: 0.25rem; font-size: 0.93rem; }
.download h3 { margin-top: 1.3rem; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; list-style: none; margin: 0.8rem 0 0; padding: 0; }
.command { display: flex; gap: 0.6rem; align-items: start; margin-top: 0.7rem; }
.command pre { flex: 1; min-width: 0; margin: 0; padding: 0.62rem 0.85rem; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; }
code { font: 0.9rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }

.hero { display: flex; flex-wrap: wrap; gap: 1.5rem; justify-content: space-between; padding: clamp(1.2rem, 3vw, 2rem); margin-bottom: 1.25rem; }
.hero > div:first-child { flex: 1 1 22rem; min-width: 0; }
.over { color: var(--muted); margin-bottom: 0.2rem; }
.tags { display: flex; flex-wrap: wrap; gap: 0.45rem; margin-top: 0.7rem; font-size: 0.9rem; }
.tags > span { display: inline-flex; align-items: center; padding: 0.12rem 0.7rem; border: 1px solid var(--line); border-radius: 99px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; margin: 1.5rem 0 0; }
.figures dt { color: var(--muted); font-size: 0.88rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 620; letter-spacing: -0.02em; }
.figures .unit { font-size: 0.62em; letter-spacing: 0; }
.outline { width: 15rem; max-width: 100%; height: auto; display: block; margin-inline: auto; }
.outline .can { fill: var(--tint); stroke: var(--accent); stroke-width: 1.5; }
.outline .cap { fill: var(--accent); }
.outline .measure { stroke: var(--muted); fill: none; }
.outline text { fill: var(--muted); font-size: 11px; }
.cards { columns: 22rem; column-gap: 1.25rem; }
.cards > * { break-inside: avoid; margin-bottom: 1.25rem; }
.cards h2 { margin-bottom: 0.6rem; }
.facts dl, .pairs, .missing dl { margin: 0; }
.facts dl > div, .pairs > div { display: flex; justify-content: space-between; gap: 1.2rem; padding: 0.42rem 0; }
.facts dl > div + div, .pairs > div + div { border-top: 1px solid var(--line); }
.facts dt, .pairs dt { color: var(--muted); flex: none; }
.facts dd, .pairs dd { margin: 0; text-align: right; min-width: 0; overflow-wrap: anywhere; }
.pairs { max-width: 30rem; margin-top: 1.2rem; }
.fine { color: var(--muted); font-size: 0.85rem; margin-top: 0.7rem; }
.missing { color: var(--muted); font-size: 0.92rem; background: none; }
.missing dt { font-weight: 570; margin-top: 0.5rem; }
.missing dd { margin: 0; }
.plain { list-style: none; margin: 0; padding: 0; }

.compare { table-layout: fixed; }
.compare thead th, .compare .corner { vertical-align: bottom; border-bottom: 1px solid var(--line); font-size: 0.95rem; color: var(--text); }
.compare .corner { width: 11rem; font-size: 0.84rem; }
.compare thead a { display: inline; color: var(--accent); text-decoration: none; }
.compare thead a:hover { text-decoration: underline; }
.compare tbody th { color: var(--muted); }
.compare .group th { font-weight: 620; color: var(--text); padding-top: 1.5rem; border-top: 0; }
.compare tr.same td { color: var(--muted); }
.compare .remove { display: block; margin-top: 0.35rem; font-size: 0.86rem; font-weight: 400; text-decoration: underline; }
.compare .outline { width: 9rem; margin-left: -1.2rem; }
main > .card ~ p, main > .heading ~ p { margin-top: 1.1rem; }
footer { color: var(--muted); font-size: 0.88rem; padding-block: 1.4rem 2.4rem; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; justify-content: space-between; }
footer p { max-width: 70ch; }

@media (max-width: 44.99rem) {
  td.wide, th.wide, .plot .minor { display: none; }
  .card { padding-inline: 1rem; }
  .listing { padding: 0; }
  .chart { order: 1; }
  .download { order: 2; }
  th, td { padding-inline: 0.5rem; }
  .card.scroll { padding-inline: 0; }
  .compare { min-width: 0; font-size: 0.88rem; }
  /* Narrow enough that a part of the third column shows that the table scrolls. */
  .compare .corner, .compare tbody th:not([colspan]) { width: 6.4rem; position: sticky; left: 0; background: var(--surface); z-index: 1; }
  .compare thead th { width: 7rem; font-size: 0.9rem; }
  .compare .outline { width: 6.8rem; }
  .under > .narrow { margin-left: 0.35rem; }
}
@media (min-width: 45rem) { .narrow { display: none; } }
@media (min-width: 64rem) {
  .columns { grid-template-columns: 17rem minmax(0, 1fr); align-items: start; }
  @supports selector(::details-content) {
    .fold::details-content { content-visibility: visible; display: block; block-size: auto; }
    .fold > summary { display: none; }
  }
}
@media print { .top, .side, .download, .pager, .skip { display: none; } }
`
