/// What a producer asks of an answer beside a rule with a name, before it is checked. nil: was not given.
public struct SuccessConditions: Sendable, Equatable {
    /// `404`, `2xx` or `300-304`.
    public var statuses: [String]?
    public var json: [JSONEquality]?
    public var bodyContains: String?
    /// In RE2's syntax.
    public var bodyMatches: String?
    /// As `statuses`: there is no retry after a failed answer with one of them.
    public var permanentFailure: [String]?

    public init() {}

    /// A value that an answer must hold.
    public struct JSONEquality: Sendable, Equatable {
        /// `$.data.items[0]`.
        public var path: String
        public var equals: JSONScalar

        public init(path: String, equals: JSONScalar) {
            self.path = path
            self.equals = equals
        }
    }
}
