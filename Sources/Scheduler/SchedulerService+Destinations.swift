import Transfer

extension SchedulerService {
    // MARK: Destinations

    /// Those that somebody has set up, and those that have failed; by number, those after `id`.
    /// - Throws: `SchedulerError.unavailable`, as all that follow.
    public func destinations(after id: Int, limit: Int) async throws -> [DestinationRecord] {
        try await reaching {
            var destinations = try await store.destinations(after: id, limit: limit)
            let recent = try await recentCalls.ofHosts()
            for index in destinations.indices {
                destinations[index].recent = recent[destinations[index].host] ?? RecentCalls()
            }
            return destinations
        }
    }

    /// Those that are paused because they had failed for long.
    package func destinationsPausedForFailing(limit: Int) async throws -> [DestinationRecord] {
        try await reaching { try await store.destinationsPausedForFailing(limit: limit) }
    }

    /// - Parameter reference: its number, or its URL.
    /// - Throws: also `ValidationError`, `SchedulerError.unknownDestination`.
    public func destination(_ reference: String) async throws -> DestinationRecord {
        let found = try await reaching {
            if let id = Int(reference) { return try await store.destination(id: id) }
            return try await store.destination(url: Self.destinationName(reference))
        }
        guard var found else { throw SchedulerError.unknownDestination(reference) }
        found.recent = try await reaching { try await recentCalls.ofHosts()[found.host] ?? RecentCalls() }
        return found
    }

    /// Gives a destination these settings; one that is not there is made, when it is named by its URL.
    /// - Returns: whether it was made.
    public func setDestination(
        _ reference: String, _ settings: DestinationRecord.Settings
    ) async throws -> (destination: DestinationRecord, isNew: Bool) {
        try settings.check()
        let url = try await Int(reference) == nil ? Self.destinationName(reference) : destination(reference).url
        let isNew = try await reaching { try await store.setDestination(url, settings) }
        runningEngine?.board.changed.notify()
        return (try await destination(url), isNew)
    }

    /// Lets nothing through to it from the next heartbeat of each instance on; what runs goes on.
    public func pauseDestination(_ reference: String, reason: String) async throws -> DestinationRecord {
        guard reason.unicodeScalars.count <= 500 else {
            throw ValidationError("reason", "must not be longer than 500 characters")
        }
        return try await setDestinationPaused(reference, reason)
    }

    /// Lets a paused destination go on, as one that works. What has waited comes back within some minutes.
    public func resumeDestination(_ reference: String) async throws -> DestinationRecord {
        try await setDestinationPaused(reference, nil)
    }

    private func setDestinationPaused(_ reference: String, _ reason: String?) async throws -> DestinationRecord {
        let id = try await destination(reference).id
        try await reaching { try await store.setDestinationPaused(id, reason: reason) }
        runningEngine?.board.changed.notify()
        return try await destination("\(id)")
    }

    /// Takes its settings away: it is as any other again.
    public func deleteDestination(_ reference: String) async throws {
        let id = try await destination(reference).id
        guard try await reaching({ try await store.deleteDestination(id) }) else {
            throw SchedulerError.unknownDestination(reference)
        }
        runningEngine?.board.changed.notify()
    }

    // MARK: Secrets

    /// Makes a secret that calls to a destination are signed with from the next heartbeat of each instance on, beside the
    /// one that it may have.
    /// - Parameter text: `whsec_` and the Base64 of 24 to 64 bytes; nil: a random one.
    /// - Returns: the secret too, which nobody is shown again.
    public func addDestinationSecret(
        _ reference: String, _ text: String?
    ) async throws -> (destination: DestinationRecord, secret: String) {
        guard let seal = live.signing.seal else {
            throw ValidationError(
                "secret", "cannot be kept: signing.database_key is not set, with which it would be encrypted")
        }
        let secret: WebhookSecret
        do {
            secret = try text.map { try WebhookSecret($0) } ?? .random()
        } catch let fault as WebhookSecretFault {
            throw ValidationError("secret", "\(fault.reason); it must be \(WebhookSecret.accepted)")
        }
        let destination = try await destination(reference)
        let sealed = SealedSecret.close(secret, for: destination.url, seal)
        guard try await reaching({ try await store.addSecret(sealed, destination: destination.id) }) else {
            throw ValidationError(
                "secret", "would be one more than the \(SealedSecret.most) that may be valid; drop the older one first")
        }
        runningEngine?.board.changed.notify()
        return (try await self.destination("\(destination.id)"), secret.revealed)
    }

    /// Takes the older of two secrets away, or all of them.
    public func dropDestinationSecrets(_ reference: String, all: Bool) async throws -> DestinationRecord {
        let destination = try await destination(reference)
        let dropped = try await reaching {
            try await store.dropSecrets(destination: destination.id, keeping: all ? 0 : 1)
        }
        guard dropped > 0 else {
            throw ValidationError(
                "all",
                all ? "it has no secret in the database" : "must be true to take the only secret away, or there is none"
            )
        }
        runningEngine?.board.changed.notify()
        return try await self.destination("\(destination.id)")
    }

    /// As destinations are called in the database.
    private static func destinationName(_ url: String) throws(ValidationError) -> String {
        let rules = RequestRules(addresses: AddressPolicies(), bodyLimit: 0)
        if let problem = rules.urlProblem(url), AddressPolicy.literal(host: CallbackURL(url)?.host ?? "") == nil {
            throw ValidationError("destination", "is a number, or a URL, which \(problem)")
        }
        guard let parts = CallbackURL(url), !url.utf8.contains(where: { "?#".utf8.contains($0) }) else {
            throw ValidationError("destination", "must be a URL without query and fragment")
        }
        let name = Destinations.name(of: parts)
        guard name.unicodeScalars.count <= 500 else {
            throw ValidationError("destination", "must not be longer than 500 characters")
        }
        return name
    }
}
