import Foundation
import PackagePlugin

/// Compiles the files of a folder into the target that uses this plugin, so that one binary ships.
///
/// Each target has its folder here; the generated source is an `enum EmbeddedFiles` with every file's name and text.
@main
struct EmbedFiles: BuildToolPlugin {
    private static let folders = ["Migrations": "sql/migrations"]

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let folder = Self.folders[target.name] else { return [] }
        let directory = context.package.directoryURL.appending(path: folder)
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(folder)",
                executable: try context.tool(named: "embed-files").url,
                arguments: [output.path()] + files.map { $0.path() },
                inputFiles: files + [directory],
                outputFiles: [output])
        ]
    }
}
