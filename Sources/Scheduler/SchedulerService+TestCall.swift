import Transfer

extension SchedulerService {
    /// Makes one call to a destination, by the rules of all calls: addresses, certificates, signatures. It belongs to no
    /// task, and no breaker counts it; limits and pauses do not hold for it.
    /// - Throws: `ValidationError`, `SchedulerError.unknownDestination`, `.unavailable`.
    public func testDestination(_ reference: String, _ call: TestCall) async throws -> TestCallResult {
        let engine = try engine()
        let destination = try await destination(reference)
        let (dispatch, addresses) = (live.dispatch, live.make(AddressPolicies.init))
        let url = try Self.url(of: call, to: destination, addresses)
        guard Destinations([Configuration.Destination(url: destination.url)])[url] != nil else {
            throw ValidationError("path", "is not one of this destination")
        }
        let signer = WebhookSigner(
            Destinations(live.destinations)[url]?.signer, and: destination.openSecrets(live.signing.seal))
        var options = TransferOptions(dispatch)
        options.maxInFlight = 1
        options.responseLimit = TestCall.shown
        options.responseReadLimit = min(options.responseReadLimit, 65_536)
        var request = TransferRequest(
            token: 1, fireAt: .now, method: call.method, url: url,
            headers: [TransferHeader("X-Schedulerd-Test", "1")], timeout: call.timeout)
        request.addressPolicy = addresses.own(url)
        let id = TaskIDSource(time).next(at: engine.clock.now())
        if let signer { request.sign(id, by: signer, engine.clock) }
        let result = try await testCaller.call(request, options)
        return TestCallResult(request, result, engine.clock, signatures: signer?.count ?? 0)
    }

    private static func url(
        of call: TestCall, to destination: DestinationRecord, _ addresses: AddressPolicies
    ) throws(ValidationError) -> String {
        var problems: [FieldProblem] = []
        if !CallbackRequest.methods.contains(call.method) {
            problems.append(
                FieldProblem("method", "must be one of \(CallbackRequest.methods.joined(separator: ", "))"))
        }
        if !TestCall.timeouts.contains(call.timeout) {
            problems.append(FieldProblem("timeout_ms", "must be between 100 and 30000"))
        }
        var url = destination.url
        if let path = call.path {
            let origin = CallbackURL(destination.url)?.origin ?? destination.url
            url = origin + path
            if !path.hasPrefix("/") { problems.append(FieldProblem("path", "must begin with /")) }
        }
        let rules = RequestRules(addresses: addresses, bodyLimit: 0)
        if problems.isEmpty, let problem = rules.urlProblem(url) { problems.append(FieldProblem("path", problem)) }
        if !problems.isEmpty { throw ValidationError(problems) }
        return url
    }
}

extension TestCallResult {
    fileprivate init(
        _ request: TransferRequest, _ result: TransferResult, _ clock: ClusterClock, signatures: Int
    ) {
        let failure = result.failure
        let isGood = (200...299).contains(result.status)
        self.init(
            method: request.method, url: request.url, startedAt: clock.time(at: result.firedAt),
            duration: result.firedAt.duration(to: result.finishedAt), status: result.status == 0 ? nil : result.status,
            outcomeClass: failure?.kind.rawValue ?? (isGood ? "success" : "status"),
            message: failure?.message ?? (isGood ? nil : "the status is \(result.status)"), address: result.address,
            timings: CallTimings(result.timings), response: result.body,
            responseTruncated: result.bodyTruncated, signatures: signatures)
    }
}
