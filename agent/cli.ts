#!/usr/bin/env node
/**
 * Where the program starts. It loads nothing before `main.ts`, so that these lines run as early as a line of ours can: after
 * Node's own start, and before the megabyte of code whose loading would take ten times as long.
 */

// argv may contain a code, and `ps` shows argv to every user of this machine. The title is written over all of it (proc(5), cmdline).
process.title = 'voltdrop'
// Packages that log for developers would print keys and TURN credentials; --debug and --trace print nothing secret.
delete process.env['DEBUG']
// Node would open its debugger, through which every user of this machine can run code as this one. `kill -USR1` is what people know
// from dd, to ask for progress.
process.on('SIGUSR1', () => {})

await import('./main.ts')
