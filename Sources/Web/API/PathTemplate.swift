/// The paths of the API, as its OpenAPI document writes them. A test holds the document to them, and them to the document.
enum PathTemplate: String, CaseIterable {
    case tasks = "/v1/tasks"
    case taskBatch = "/v1/tasks:batch"
    case taskBulk = "/v1/tasks:bulk"
    case taskExport = "/v1/tasks:export"
    case deadLetters = "/v1/dead-letters"
    case deadLetterRetry = "/v1/dead-letters:retry"
    case operations = "/v1/bulk-operations"
    case operation = "/v1/bulk-operations/{id}"
    case operationCancel = "/v1/bulk-operations/{id}:cancel"
    case instances = "/v1/instances"
    case auditEvents = "/v1/audit-events"
    case task = "/v1/tasks/{id}"
    case attempts = "/v1/tasks/{id}/attempts"
    case cancel = "/v1/tasks/{id}:cancel"
    case run = "/v1/tasks/{id}:run"
    case retry = "/v1/tasks/{id}:retry"
    case queues = "/v1/queues"
    case queue = "/v1/queues/{name}"
    case pauseQueue = "/v1/queues/{name}:pause"
    case resumeQueue = "/v1/queues/{name}:resume"
    case purgeQueue = "/v1/queues/{name}:purge"
    case sources = "/v1/sources"
    case quarantine = "/v1/quarantine"
    case quarantined = "/v1/quarantine/{id}"
    case quarantineRetry = "/v1/quarantine/{id}:retry"
    case schedules = "/v1/schedules"
    case schedule = "/v1/schedules/{name}"
    case nextRuns = "/v1/schedules/{name}/next"
    case schedulePause = "/v1/schedules/{name}:pause"
    case scheduleResume = "/v1/schedules/{name}:resume"
    case scheduleRun = "/v1/schedules/{name}:run"
    case apiKeys = "/v1/api-keys"
    case apiKey = "/v1/api-keys/{id}"
    case apiKeyDisable = "/v1/api-keys/{id}:disable"
    case destinations = "/v1/destinations"
    case destination = "/v1/destinations/{destination}"
    case destinationPause = "/v1/destinations/{destination}:pause"
    case destinationResume = "/v1/destinations/{destination}:resume"
    case destinationTest = "/v1/destinations/{destination}:test"
    case destinationAddSecret = "/v1/destinations/{destination}:add-secret"
    case destinationDropSecret = "/v1/destinations/{destination}:drop-secret"
    case legacySave = "/api/task/save"
    case health = "/healthz"
    case readiness = "/readyz"
    case openAPI = "/openapi.json"
}

extension Endpoint {
    var template: PathTemplate {
        switch self {
        case .tasks: .tasks
        case .taskBatch: .taskBatch
        case .taskBulk: .taskBulk
        case .taskExport: .taskExport
        case .deadLetters: .deadLetters
        case .deadLetterRetry: .deadLetterRetry
        case .operations: .operations
        case .operation: .operation
        case .operationCancel: .operationCancel
        case .instances: .instances
        case .auditEvents: .auditEvents
        case .task: .task
        case .attempts: .attempts
        case .action(_, .cancel): .cancel
        case .action(_, .run): .run
        case .action(_, .retry): .retry
        case .queues: .queues
        case .queue: .queue
        case .queueAction(_, .pause): .pauseQueue
        case .queueAction(_, .resume): .resumeQueue
        case .queueAction(_, .purge): .purgeQueue
        case .sources: .sources
        case .quarantine: .quarantine
        case .quarantined: .quarantined
        case .quarantineRetry: .quarantineRetry
        case .schedules: .schedules
        case .schedule: .schedule
        case .nextRuns: .nextRuns
        case .scheduleAction(_, .pause): .schedulePause
        case .scheduleAction(_, .resume): .scheduleResume
        case .scheduleAction(_, .run): .scheduleRun
        case .apiKeys: .apiKeys
        case .apiKey: .apiKey
        case .apiKeyDisable: .apiKeyDisable
        case .destinations: .destinations
        case .destination: .destination
        case .destinationPause: .destinationPause
        case .destinationResume: .destinationResume
        case .destinationTest: .destinationTest
        case .destinationAddSecret: .destinationAddSecret
        case .destinationDropSecret: .destinationDropSecret
        case .legacySave: .legacySave
        case .health: .health
        case .readiness: .readiness
        case .openAPI: .openAPI
        }
    }

    /// Whether an instance answers it that has not the role `api`.
    var isServedAlways: Bool { [.health, .readiness].contains(template) }
}
