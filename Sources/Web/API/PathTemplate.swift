/// The paths of the API, as its OpenAPI document writes them. A test holds the document to them, and them to the document.
enum PathTemplate: String, CaseIterable {
    case tasks = "/v1/tasks"
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
    case destinations = "/v1/destinations"
    case destination = "/v1/destinations/{destination}"
    case destinationPause = "/v1/destinations/{destination}:pause"
    case destinationResume = "/v1/destinations/{destination}:resume"
    case legacySave = "/api/task/save"
    case health = "/healthz"
    case readiness = "/readyz"
    case openAPI = "/openapi.json"
}

extension Endpoint {
    var template: PathTemplate {
        switch self {
        case .tasks: .tasks
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
        case .destinations: .destinations
        case .destination: .destination
        case .destinationPause: .destinationPause
        case .destinationResume: .destinationResume
        case .legacySave: .legacySave
        case .health: .health
        case .readiness: .readiness
        case .openAPI: .openAPI
        }
    }

    /// Whether an instance answers it that has not the role `api`.
    var isServedAlways: Bool { [.health, .readiness].contains(template) }
}
