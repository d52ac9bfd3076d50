import Logging
import MySQL
import Scheduler

/// Writes the log to standard error: one line and one write(2) for each event.
struct LineLog: LogHandler {
    private let label: String
    private let format: Configuration.Log.Format
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// For the whole process, once.
    static func bootstrap(_ log: Configuration.Log) {
        let level = Logger.Level(rawValue: log.level.rawValue) ?? .info
        LoggingSystem.bootstrap { LineLog(label: $0, format: log.format, level: level) }
    }

    init(label: String, format: Configuration.Log.Format, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provider = metadataProvider { all.merge(provider.get()) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let line = LogLine(
            time: .now, level: event.level, label: label, message: event.message.description,
            fields: all.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 })
        StandardError.write(format == .json ? line.json : line.text)
    }
}
