import Foundation
import PackagePlugin

/// Compiles some files, and the files of some folders, into the target that uses this plugin, so that one binary ships.
///
/// Each target has its files and folders here; the generated source is an `enum EmbeddedFiles` with every file's name and text.
@main
struct EmbedFiles: BuildToolPlugin {
    private static let folders = [
        "Migrations": ["sql/migrations", "sql/reports"],
        "schedulerd": ["sql/schema.sql"],
        "Web": [
            "Sources/Web/API/OpenAPI", "Sources/Web/Admin/Assets", "Sources/Web/Admin/Templates", "Sources/Web/Admin/Texts",
        ],
    ]

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let folders = Self.folders[target.name] else { return [] }
        let places = folders.map { context.package.directoryURL.appending(path: $0) }
        let files = try places.flatMap { place in
            if !place.pathExtension.isEmpty { return [place] }
            return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(folders.joined(separator: ", "))",
                executable: try context.tool(named: "embed-files").url,
                arguments: [output.path()] + files.map { $0.path() },
                inputFiles: files + places,
                outputFiles: [output])
        ]
    }
}
