package import Transfer

extension Configuration {
    /// What producers and receivers of the old program see.
    package struct Legacy: Sendable, Equatable {
        package var getParam: GetParam
        /// From where the old endpoint takes tasks without a key.
        package var networks: [AddressRange]

        /// What becomes of `notify_param` when the method is GET.
        package enum GetParam: String, Sendable, Equatable {
            /// It is not sent.
            case ignore
            /// It is appended to the URL as its query string.
            case query
        }

        init(_ values: ConfigurationValues) {
            getParam = values.choice("legacy.get_param")
            networks = values.addressRanges("legacy.networks")
        }
    }

    /// Who may use the HTTP API.
    package struct API: Sendable, Equatable {
        package var authentication: Authentication

        package enum Authentication: String, Sendable, Equatable {
            /// Each request needs a key.
            case keys
            /// Everybody may do everything.
            case none
        }

        init(_ values: ConfigurationValues) {
            authentication = values.choice("api.authentication")
        }
    }

    /// How history is kept.
    package struct Retention: Sendable, Equatable {
        /// In days.
        package var partitionsAhead: Int
        /// How many days the counts per minute are kept.
        package var rollups: Int
        /// How many days tasks that have ended are kept, with their attempts; nil: for ever.
        package var days: Int?
        /// Where days are written to before they are removed; nil: nowhere.
        package var exportFolder: String?
        package var exportFormat: Format

        package enum Format: String, Sendable, Equatable {
            case csv, jsonl
        }

        init(_ values: ConfigurationValues) {
            partitionsAhead = values.integer("retention.partitions_ahead_days")
            rollups = values.integer("retention.rollups_days")
            let days = values.integer("retention.days")
            self.days = days == 0 ? nil : days
            exportFolder = values.textIfSet("retention.export_folder")
            exportFormat = values.choice("retention.export_format")
        }
    }

    /// How the process ends.
    package struct Shutdown: Sendable, Equatable {
        /// How long calls that run may take to finish.
        package var drain: Duration

        init(_ values: ConfigurationValues) {
            drain = values.duration("shutdown.drain_s")
        }
    }

    /// The log.
    package struct Log: Sendable, Equatable {
        package var level: Level
        package var format: Format
        /// `nil`: standard error.
        package var file: String?
        package var roll: Roll
        /// Of past days; 0: all.
        package var keptFiles: Int

        /// Named as the levels of swift-log.
        package enum Level: String, Sendable, Equatable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }

        package enum Roll: String, Sendable, Equatable {
            case daily, never
        }

        package enum Format: String, Sendable, Equatable {
            case text, json
        }

        init(_ values: ConfigurationValues) {
            level = values.choice("log.level")
            format = values.choice("log.format")
            file = values.textIfSet("log.file")
            roll = values.choice("log.roll")
            keptFiles = values.integer("log.keep_files")
        }
    }
}
