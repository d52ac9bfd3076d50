/// What holds for every transfer of a loop.
package struct TransferOptions: Sendable {
    /// Transfers running at once; also the connections kept open. More that are due wait in due order. At least 1.
    package var maxInFlight = 512
    /// Of them, at most so many whose requests stand in lines.
    package var linesInFlight = Int.max
    /// Bytes of a response body that are kept.
    package var responseLimit = 65_536
    /// Bytes of a response body that are read at all. The rest up to here is dropped, which costs less than a new
    /// connection; past it the transfer ends, with its HTTP status. The last read may exceed it by a buffer.
    package var responseReadLimit = 1_048_576
    /// The `User-Agent` of requests that bring none.
    package var userAgent = "schedulerd"
    /// A PEM file of certificate authorities in place of the system's. Nil: the system's.
    package var caFile: String?
    package var addressPolicy = AddressPolicy()

    package init() {}
}
