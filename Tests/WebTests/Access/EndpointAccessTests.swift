import Accounts
import Testing

@testable import Web

/// Who may use which route. A route of `/v1` that is not in this table fails, and so does one that asks for no key.
struct EndpointAccessTests {
    private static let id = "0198a3f2-7c1e-7abc-9def-0123456789ab"

    static let table: [(path: String, reads: Endpoint.Access?, writes: Endpoint.Access?, keepsToQueues: Bool)] = [
        ("/v1/tasks", .scope(.tasksRead), .scope(.tasksWrite), true),
        ("/v1/tasks/\(id)", .scope(.tasksRead), .scope(.tasksWrite), true),
        ("/v1/tasks/\(id)/attempts", .scope(.tasksRead), nil, true),
        ("/v1/tasks/\(id):cancel", nil, .scope(.tasksWrite), true),
        ("/v1/tasks/\(id):run", nil, .scope(.tasksWrite), true),
        ("/v1/tasks/\(id):retry", nil, .scope(.tasksWrite), true),
        ("/v1/tasks:batch", nil, .scope(.tasksWrite), true),
        ("/v1/tasks:bulk", nil, .scope(.tasksWrite), true),
        ("/v1/tasks:export", .scope(.tasksRead), nil, true),
        ("/v1/dead-letters", .scope(.tasksRead), nil, true),
        ("/v1/dead-letters:retry", nil, .scope(.tasksWrite), true),
        ("/v1/bulk-operations", .scope(.tasksRead), nil, true),
        ("/v1/bulk-operations/1", .scope(.tasksRead), nil, true),
        ("/v1/bulk-operations/1:cancel", nil, .scope(.tasksWrite), true),
        ("/v1/instances", .scope(.tasksRead), nil, false),
        ("/v1/audit-events", .scope(.admin), nil, false),
        ("/v1/queues", .scope(.tasksRead), .scope(.admin), false),
        ("/v1/queues/q", .scope(.tasksRead), .scope(.admin), false),
        ("/v1/queues/q:pause", nil, .scope(.admin), false),
        ("/v1/queues/q:resume", nil, .scope(.admin), false),
        ("/v1/queues/q:purge", nil, .scope(.admin), false),
        ("/v1/sources", .scope(.tasksRead), nil, false),
        ("/v1/quarantine", .scope(.tasksRead), nil, false),
        ("/v1/quarantine/\(id)", .scope(.tasksRead), .scope(.tasksWrite), false),
        ("/v1/quarantine/\(id):retry", nil, .scope(.tasksWrite), false),
        ("/v1/schedules", .scope(.tasksRead), .scope(.tasksWrite), false),
        ("/v1/schedules/s", .scope(.tasksRead), .scope(.tasksWrite), false),
        ("/v1/schedules/s/next", .scope(.tasksRead), nil, false),
        ("/v1/schedules/s:pause", nil, .scope(.tasksWrite), false),
        ("/v1/schedules/s:resume", nil, .scope(.tasksWrite), false),
        ("/v1/schedules/s:run", nil, .scope(.tasksWrite), false),
        ("/v1/destinations", .scope(.tasksRead), nil, false),
        ("/v1/destinations/7", .scope(.tasksRead), .scope(.admin), false),
        ("/v1/destinations/7:pause", nil, .scope(.admin), false),
        ("/v1/destinations/7:resume", nil, .scope(.admin), false),
        ("/v1/destinations/7:test", nil, .scope(.admin), false),
        ("/v1/destinations/7:add-secret", nil, .scope(.admin), false),
        ("/v1/destinations/7:drop-secret", nil, .scope(.admin), false),
        ("/v1/api-keys", .scope(.admin), .scope(.admin), false),
        ("/v1/api-keys/1", .scope(.admin), .scope(.admin), false),
        ("/v1/api-keys/1:disable", nil, .scope(.admin), false),
        ("/api/task/save", nil, .legacyProducers, true),
        ("/healthz", .everybody, nil, true),
        ("/readyz", .everybody, nil, true),
        ("/openapi.json", .everybody, nil, true),
    ]

    @Test func everyRouteIsInTheTable() throws {
        let templates = try Self.table.map { try Endpoint(path: $0.path[...]).template }
        #expect(Set(templates) == Set(PathTemplate.allCases))
    }

    @Test(arguments: table.indices)
    func eachMethodNeedsItsScope(_ index: Int) throws {
        let row = Self.table[index]
        let endpoint = try Endpoint(path: row.path[...])
        #expect(endpoint.keepsToQueues == row.keepsToQueues)
        var reads: Endpoint.Access?
        var writes: Endpoint.Access?
        for method in endpoint.methods {
            let access = endpoint.access(method)
            if method == "GET" || method == "HEAD" { reads = access } else { writes = access }
            if row.path.hasPrefix("/v1/") {
                guard case .scope = access else {
                    Issue.record("\(method) \(row.path) asks for no key")
                    continue
                }
            }
        }
        #expect(reads == row.reads && writes == row.writes, "\(row.path)")
    }
}
