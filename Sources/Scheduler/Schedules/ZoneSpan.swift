/// A stretch of time in which a zone's clocks do not change.
struct ZoneSpan: Sendable, Equatable {
    /// Seconds that the clocks are ahead of UTC.
    var offset: Int64
    /// In seconds since 1970; nil: since ever.
    var start: Int64?
    /// nil: for ever.
    var end: Int64?
    /// The offset before `start`; the same as `offset` when there is none.
    var offsetBefore: Int64
}
