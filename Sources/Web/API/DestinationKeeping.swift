package import Scheduler

/// What the API does with destinations.
package protocol DestinationKeeping: Sendable {
    func destinations(after id: Int, limit: Int) async throws -> [DestinationRecord]
    func destination(_ reference: String) async throws -> DestinationRecord
    func setDestination(
        _ reference: String, _ settings: DestinationRecord.Settings
    ) async throws -> (destination: DestinationRecord, isNew: Bool)
    func pauseDestination(_ reference: String, reason: String) async throws -> DestinationRecord
    func resumeDestination(_ reference: String) async throws -> DestinationRecord
    func deleteDestination(_ reference: String) async throws
    func addDestinationSecret(
        _ reference: String, _ text: String?
    ) async throws -> (destination: DestinationRecord, secret: String)
    func dropDestinationSecrets(_ reference: String, all: Bool) async throws -> DestinationRecord
    func testDestination(_ reference: String, _ call: TestCall) async throws -> TestCallResult
}

extension SchedulerService: DestinationKeeping {}
