import Scheduler

/// Bytes that somebody sent, to be looked at: always as text, never as anything that a browser would act on.
struct ShownContent {
    let text: String
    /// Bytes in all.
    let size: Int
    let isBinary: Bool
    let isCut: Bool

    /// Bytes shown at most.
    private static let limit = 65_536

    init(_ bytes: [UInt8], isCut: Bool = false) {
        size = bytes.count
        self.isCut = isCut || bytes.count > Self.limit
        let shown = bytes.prefix(Self.limit)
        let content = Content(Array(shown), isCut: self.isCut)
        isBinary = content.encoding != "utf8"
        text = content.text ?? ""
    }
}
