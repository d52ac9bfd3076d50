import MySQL

/// The folder that days of history are written to before they are removed.
package struct HistoryArchive: Sendable {
    let folder: String
    let format: ExportFormat

    package init(folder: String, format: ExportFormat) {
        (self.folder, self.format) = (folder, format)
    }

    /// Writes the tasks of a day and their attempts to two files, `tasks-20261121.csv.gz` and `attempts-…`, in place of
    /// files of the same names.
    /// - Parameters:
    ///   - to: ids before it.
    ///   - endedBefore: only what had ended by then, to `tasks-20261121-until-20261221T100000Z.csv.gz`; nil: all.
    /// - Returns: the rows in both.
    func write(
        _ day: HistoryDay, to: TaskID, endedBefore: Timestamp?, _ history: History
    ) throws -> Int {
        var count = 0
        for rows in ExportedRows.allCases {
            let file = try ArchiveFile(folder: folder, name: name(rows, day, endedBefore))
            let export = Export(
                rows: rows, from: day.from, to: to, endedBefore: endedBefore, format: format, tables: history.tables)
            count += try export.run(on: history.connection) { bytes, _, _ in try file.write(bytes) }
            try file.finish()
        }
        return count
    }

    private func name(_ rows: ExportedRows, _ day: HistoryDay, _ endedBefore: Timestamp?) -> String {
        let digits = day.name.hasPrefix("p") ? String(day.name.dropFirst()) : day.name
        let until = endedBefore.map { time in
            "-until-" + time.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
        }
        return "\(rows.rawValue)-\(digits)\(until ?? "").\(format.rawValue).gz"
    }
}
