/** `voltdrop export CATALOGUE`: the batteries or products as a verified file, with its manifest. */
import type { ExportCommand } from '../command-line/options/export-options.ts'
import type { Context } from '../context.ts'
import { checkFilters, noRows } from '../catalogue/export/check-selection.ts'
import { fetchExport } from '../catalogue/export/export-file.ts'

export async function exportCatalogue(command: ExportCommand, { terminal, signal }: Context): Promise<void> {
  await checkFilters(command.request)
  const { path, bytes, rows, revision, sha256, crc32 } = await fetchExport(
    command.edge,
    command.request,
    command.out,
    signal,
    true,
  )
  if (rows === 0) terminal.report({ t: 'warning', text: noRows(command.request) })
  terminal.report({ t: 'exported', path, bytes, rows, revision, sha256, crc32 })
}
