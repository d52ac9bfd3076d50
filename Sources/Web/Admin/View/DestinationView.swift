import MySQL
import Scheduler

/// A destination in the list, and on its page.
struct DestinationRow {
    let id: String
    let url: String
    let paused: ShownTime?
    let pauseReason: String?
    let failing: ShownTime?
    let openUntil: ShownTime?
    let rate: String?
    let concurrency: String?
    let notes: String
    let recent: RecentCallsView
    /// When its secrets in the database were made.
    let secrets: [ShownTime]
    let hasOneSecret: Bool
    let hasTwoSecrets: Bool

    init(_ destination: DestinationRecord, _ texts: Texts) {
        id = "\(destination.id)"
        url = SecretMask.masked(url: destination.url)
        paused = destination.pausedAt.map(ShownTime.init)
        pauseReason = destination.pauseReason.flatMap { $0.isEmpty ? nil : $0 }
        failing = destination.failingSince.map(ShownTime.init)
        openUntil = destination.openUntil.map(ShownTime.init)
        rate = destination.settings.rate.map { "\($0)" }
        concurrency = destination.settings.maxConcurrency.map { "\($0)" }
        notes = destination.settings.notes
        secrets = destination.secretsCreatedAt.map(ShownTime.init)
        (hasOneSecret, hasTwoSecrets) = (secrets.count == 1, secrets.count > 1)
        recent = RecentCallsView(destination.recent, texts)
    }
}

/// The form with the settings of a destination: what stands in its fields. An empty field takes the setting away.
struct DestinationForm {
    let maxConcurrency: String
    let rate: String
    let burst: String
    let breakerFailures: String
    let notes: String

    init(_ settings: DestinationRecord.Settings) {
        maxConcurrency = settings.maxConcurrency.map { "\($0)" } ?? ""
        rate = settings.rate.map { "\($0)" } ?? ""
        burst = settings.burst.map { "\($0)" } ?? ""
        breakerFailures = settings.breakerFailures.map { "\($0)" } ?? ""
        notes = settings.notes
    }

    init(_ fields: FormFields) {
        func text(_ name: String) -> String { fields[name] ?? "" }
        maxConcurrency = text("max_concurrency")
        rate = text("rate")
        burst = text("burst")
        breakerFailures = text("breaker_failures")
        notes = text("notes")
    }

    /// - Throws: what is no number.
    func settings() throws(ValidationError) -> DestinationRecord.Settings {
        var problems: [FieldProblem] = []
        func number<Value: LosslessStringConvertible>(_ field: String, _ text: String, _ wanted: String) -> Value? {
            let text = text.filter { $0 != " " }
            if text.isEmpty { return nil }
            let value = Value(text)
            if value == nil { problems.append(FieldProblem(field, "must be a \(wanted)")) }
            return value
        }
        var settings = DestinationRecord.Settings()
        settings.maxConcurrency = number("max_concurrency", maxConcurrency, "whole number")
        settings.rate = number("rate", rate, "number")
        settings.burst = number("burst", burst, "whole number")
        settings.breakerFailures = number("breaker_failures", breakerFailures, "whole number")
        settings.notes = notes
        if !problems.isEmpty { throw ValidationError(problems) }
        return settings
    }
}

/// What came of a test call.
struct TestedCall {
    let request: String
    let isGood: Bool
    let outcome: String
    let status: String?
    let duration: String
    let address: String?
    let message: String?
    let signatures: String
    let started: ShownTime
    let response: ShownContent?

    init(_ result: TestCallResult, _ texts: Texts) {
        request = "\(result.method) \(SecretMask.masked(url: result.url))"
        isGood = result.outcomeClass == "success"
        outcome = result.outcomeClass
        status = result.status.map { "\($0)" }
        duration = texts.length(result.duration)
        address = result.address
        message = result.message
        signatures = texts.number(result.signatures)
        started = ShownTime(result.startedAt)
        response = result.response.isEmpty ? nil : ShownContent(result.response, isCut: result.responseTruncated)
    }
}
