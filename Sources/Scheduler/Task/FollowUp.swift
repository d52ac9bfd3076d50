/// A request that is made when a task has ended: a task of its own, whose body tells the outcome.
///
/// It says of itself what a task says, and has no follow-ups.
public struct FollowUp: Sendable, Equatable {
    /// The end that it follows. The raw values are the names in `/v1` and of the columns of `tasks`.
    public enum Occasion: String, Sendable, CaseIterable {
        case onSuccess = "on_success"
        /// The task is dead, expired or not. A cancelled one has not failed.
        case onFailure = "on_failure"
    }

    public var queue: String
    /// Without a body.
    public var request: CallbackRequest
    public var successRule: SuccessRule
    public var retrySchedule: RetrySchedule
    public var timeout: Duration
    public var labels: [String: String]
    /// From the end of the task to its plan time.
    public var delay: Duration

    package init(
        queue: String, request: CallbackRequest, successRule: SuccessRule, retrySchedule: RetrySchedule,
        timeout: Duration, labels: [String: String] = [:], delay: Duration = .zero
    ) {
        self.queue = queue
        self.request = request
        self.successRule = successRule
        self.retrySchedule = retrySchedule
        self.timeout = timeout
        self.labels = labels
        self.delay = delay
    }

    /// The body that it has is JSON.
    package static let contentType = HeaderField(name: "Content-Type", value: "application/json")

    package static let methods = CallbackRequest.methods.filter { CallbackRequest.sendsBody(method: $0) }

    package static let delays: ClosedRange<Double> = 0...31_536_000
}
