/** `voltdrop export CATALOGUE`: the batteries or products as a verified file, with its manifest. */
import type { ExportCommand } from '../command-line/options/export-options.ts'
import type { Context } from '../context.ts'
import { checkSelection } from '../catalogue/export/check-selection.ts'
import { fetchExport } from '../catalogue/export/export-file.ts'

export async function exportCatalogue(command: ExportCommand, context: Context): Promise<void> {
  const { terminal, signal } = context
  await checkSelection(command.edge, command.request, context)
  const { path, bytes, rows, revision, sha256, crc32 } = await fetchExport(
    command.edge,
    command.request,
    command.out,
    signal,
    true,
  )
  terminal.report({ t: 'exported', path, bytes, rows, revision, sha256, crc32 })
}
