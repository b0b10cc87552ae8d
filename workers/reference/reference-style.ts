/** The style sheet of `/docs`, beside that of the page. */

export const referenceStyle = `
.reference { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.reference .card { min-width: 0; }
.reference h2 { font-size: 1.3rem; margin-top: 1rem; }
.reference h3 { display: flex; flex-wrap: wrap; gap: 0.3rem 0.7rem; align-items: baseline; font-size: 1rem; }
.reference h4 { margin: 1.1rem 0 0.3rem; font-size: 0.9rem; font-weight: 600; }
.reference .method { font: 600 0.8rem/1.6 ui-monospace, monospace; padding: 0 0.5rem; border-radius: 6px; background: var(--tint); color: var(--text); }
.reference code, .reference pre { font: 0.9rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
.reference h3 code { overflow-wrap: anywhere; }
.reference pre { margin: 0.8rem 0 0; padding: 0.7rem 0.9rem; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
.reference h3 + p { margin-top: 0.4rem; }
.reference table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 0.92rem; }
.reference th, .reference td { text-align: left; vertical-align: top; padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid var(--line); }
.reference td:first-child, .reference th:first-child { width: 40%; overflow-wrap: anywhere; }
.reference td { white-space: normal; overflow-wrap: anywhere; }
.reference nav { display: grid; gap: 0.4rem; }
.reference nav h2 { font-size: 0.95rem; margin-top: 0.7rem; }
.reference nav h2:first-child { margin-top: 0; }
.reference nav > p { margin-top: 0.8rem; font-size: 0.93rem; }
.reference ul.contents { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.2rem; }
.reference .contents li { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 0 1rem; font-size: 0.93rem; }
.reference .contents code { overflow-wrap: anywhere; }
.reference .group p { margin-top: 0.2rem; }
.reference .body-shape { margin-top: 0.8rem; font-size: 0.93rem; }
.reference details { margin-top: 0.9rem; }
.reference details table { margin-top: 0.4rem; }
.reference tr:last-child td { border-bottom: 0; }
.reference h3 .muted { font-weight: 400; }
:target { outline: 2px solid var(--accent); outline-offset: 3px; }
@media (max-width: 44.99rem) {
  .reference .contents li { grid-template-columns: minmax(0, 1fr); padding-block: 0.15rem; }
}
`
