import Logging
import MySQL
import Scheduler

/// Writes each event as one line to the process's log output.
struct LineLog: LogHandler {
    private let label: String
    private let output: LogOutput
    /// nil: that of the output, whatever it becomes.
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// For the whole process, once.
    static func bootstrap(_ log: Configuration.Log) throws(LogFileError) {
        try LogOutput.shared.open(log)
        LoggingSystem.bootstrap { LineLog(label: $0, output: .shared) }
    }

    init(label: String, output: LogOutput) {
        self.label = label
        self.output = output
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? output.level }
        set { ownLevel = newValue }
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
        output.write(
            LogLine(
                time: .now, level: event.level, label: label, message: event.message.description,
                fields: all.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }))
    }
}
